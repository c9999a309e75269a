/**
 * Between masks and polygons, working only in the box where they are: most masks are small parts of their
 * images.
 */
import {
  cropRle,
  decodeRle,
  encodeRle,
  maskToPolygons,
  type Polygon,
  placeRle,
  polygonsToMask,
  type Ring,
  type Rle,
  rleToBoxXywh,
} from "@segany/masks";

/**
 * Traces a mask along its pixels' edges (`maskToPolygons`).
 *
 * @returns polygons in pixels of the image; none for an empty mask
 */
export function rleToPolygons(rle: Rle): Polygon[] {
  const box = rleToBoxXywh(rle);
  const [left, top, width] = box;
  if (width === 0) return [];
  const move = (ring: Ring): Ring => ring.map((value, i) => value + (i % 2 === 0 ? left : top));
  return maskToPolygons(decodeRle(cropRle(rle, box))).map(({ outer, holes }) => ({
    outer: move(outer),
    holes: holes.map(move),
  }));
}

/**
 * Fills a closed line by the even-odd rule at pixel centres (`polygonsToMask`).
 *
 * @param ring in pixels of the image; may lie outside of it in part
 * @param size the image's
 */
export function ringToRle(ring: Ring, size: { readonly width: number; readonly height: number }): Rle {
  const [left, right] = rangeOf(ring, 0, size.width);
  const [top, bottom] = rangeOf(ring, 1, size.height);
  const moved = ring.map((value, i) => value - (i % 2 === 0 ? left : top));
  const part = polygonsToMask([{ outer: moved, holes: [] }], { width: right - left, height: bottom - top });
  return placeRle(encodeRle(part), left, top, size);
}

/** The pixels that every second coordinate spans, at least one, inside 0..end. */
function rangeOf(ring: Ring, first: 0 | 1, end: number): [from: number, to: number] {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = first; i < ring.length; i += 2) {
    lowest = Math.min(lowest, ring[i]!);
    highest = Math.max(highest, ring[i]!);
  }
  const from = Math.max(0, Math.min(end - 1, Math.floor(lowest)));
  return [from, Math.max(from + 1, Math.min(end, Math.ceil(highest)))];
}
