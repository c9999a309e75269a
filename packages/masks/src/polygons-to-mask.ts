import { SamError } from "./errors.js";
import { createMask } from "./mask.js";
import type { Polygon } from "./polygons.js";
import type { Ring } from "./trace-runs.js";
import type { Mask, Size } from "./types.js";

/**
 * Fills polygons by the even-odd rule over all their rings: a pixel is inside when its centre is. The exact
 * inverse of `maskToPolygons`; corners may have fractions and lie outside the image. COCO's polygons follow
 * another rule: `cocoPolygonsToRle`.
 *
 * @param size the image in pixels
 * @throws SamError `mask-invalid` for an odd number of coordinates or one that is not finite
 *
 * @example
 * const polygons = maskToPolygons(mask);
 * console.log(maskIou(polygonsToMask(polygons, mask), mask)); // 1
 */
export function polygonsToMask(polygons: readonly Polygon[], size: Size): Mask {
  const mask = createMask(size);
  for (const { outer, holes } of polygons) {
    for (const ring of [outer, ...holes]) markRing(mask, ring);
  }
  // A mark switches between outside and inside for all pixels right of it.
  for (let y = 0; y < mask.height; y++) {
    const row = y * mask.width;
    for (let i = row + 1; i < row + mask.width; i++) mask.data[i]! ^= mask.data[i - 1]!;
  }
  return mask;
}

function markRing(mask: Mask, ring: Ring): void {
  if (ring.length % 2 !== 0) {
    throw new SamError("mask-invalid", `A ring has ${ring.length} coordinates; x and y come in pairs.`);
  }
  const bad = ring.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new SamError("mask-invalid", `Coordinate ${bad} of a ring is ${String(ring[bad])}.`);
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    const downwards = ring[i + 1]! <= ring[next + 1]!;
    // Both directions of an edge must meet the same pixels, so it is always walked downwards.
    if (downwards) markEdge(mask, ring[i]!, ring[i + 1]!, ring[next]!, ring[next + 1]!);
    else markEdge(mask, ring[next]!, ring[next + 1]!, ring[i]!, ring[i + 1]!);
  }
}

/**
 * Marks, in each row whose centre line the edge crosses, the first pixel with its centre right of the
 * crossing.
 */
function markEdge({ width, height, data }: Mask, x0: number, y0: number, x1: number, y1: number): void {
  const firstRow = Math.max(0, Math.ceil(y0 - 0.5));
  const endRow = Math.min(height, Math.ceil(y1 - 0.5));
  for (let y = firstRow; y < endRow; y++) {
    const crossing = x0 + ((y + 0.5 - y0) / (y1 - y0)) * (x1 - x0);
    const x = Math.max(0, Math.ceil(crossing - 0.5));
    if (x < width) data[y * width + x]! ^= 1;
  }
}
