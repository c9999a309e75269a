import {
  type BoxXywh,
  type CocoBoxXywh,
  cocoBox,
  cocoPolygonsToRle,
  cocoToMetaBox,
  compressRle,
  parseRle,
  type Rle,
  SamError,
} from "@segany/masks";
import { DatasetError } from "../errors.js";
import { show } from "../json/fields.js";
import type { OnReadLoss } from "../read-losses.js";

/** A mask as a file gives it, brought to compressed RLE. */
export interface Segmentation {
  readonly segmentation: Rle;
  /** The outlines it was filled from, when it was given as outlines. */
  readonly polygons?: readonly (readonly number[])[];
}

/**
 * Reads COCO's `segmentation`: polygons (filled by the COCO tools' rule and joined), compressed or
 * uncompressed RLE. One polygon that isn't in a list of its own is taken too.
 *
 * @param size the image's size, which an RLE must have
 * @param where what to call the annotation in an error message
 * @param onLoss takes parts with less than 3 corners, which are left out beside others
 * @throws DatasetError `annotation-invalid`
 *
 * @example
 * import { rleArea } from "@segany/masks";
 * const polygons = [[5, 8, 15, 8, 15, 12, 5, 12]];
 * const { segmentation } = parseSegmentation(polygons, { width: 64, height: 48 }, "annotations[0]");
 * console.log(rleArea(segmentation)); // 40
 */
export function parseSegmentation(
  value: unknown,
  size: { readonly width: number; readonly height: number },
  where: string,
  onLoss?: OnReadLoss,
): Segmentation {
  if (Array.isArray(value)) {
    const isFlat = value.length > 0 && value.every((entry) => typeof entry === "number");
    return parsePolygons(isFlat ? [value] : value, size, where, onLoss);
  }
  const rle = invalidFrom(where, () => parseRle(value, `${where}: field "segmentation"`, { size }));
  if (typeof rle.counts === "string") return { segmentation: { size: rle.size, counts: rle.counts } };
  return { segmentation: compressRle({ size: rle.size, counts: rle.counts }) };
}

function parsePolygons(
  value: readonly unknown[],
  size: { readonly width: number; readonly height: number },
  where: string,
  onLoss: OnReadLoss | undefined,
): Segmentation {
  if (value.length === 0) {
    throw new DatasetError("annotation-invalid", `${where}: field "segmentation" has no polygon in it.`);
  }
  const parts = value.map((ring, index) => {
    const isRing = Array.isArray(ring) && ring.every((coordinate) => typeof coordinate === "number");
    if (isRing) return ring as number[];
    throw new DatasetError(
      "annotation-invalid",
      `${where}: polygon ${index} of field "segmentation" is ${show(ring)}, not a list of numbers.`,
    );
  });
  const withArea = parts.filter(({ length }) => length >= 6 || length % 2 === 1);
  const polygons = withArea.length === 0 ? parts : withArea;
  if (polygons.length < parts.length) onLoss?.("partsWithoutArea", where, parts.length - polygons.length);
  checkWork(polygons, size.width, where);
  const segmentation = invalidFrom(where, () => cocoPolygonsToRle(polygons, size));
  return { segmentation, polygons };
}

/** Far more than any outline needs; a list of corners that go to and fro would else fill the memory. */
const maxCrossings = 2 ** 24;

/** Bounds how many columns all edges cross together, for that is what filling them costs. */
function checkWork(polygons: readonly (readonly number[])[], width: number, where: string): void {
  let crossings = 0;
  for (const ring of polygons) {
    for (let i = 0; i < ring.length; i += 2) {
      const next = ring[(i + 2) % ring.length]!;
      crossings += Math.min(Math.abs(next - ring[i]!), width);
    }
  }
  if (!(crossings > maxCrossings)) return;
  throw new DatasetError(
    "annotation-invalid",
    `${where}: the edges of field "segmentation" cross ${Math.round(crossings)} columns, more than the ${maxCrossings} accepted.`,
  );
}

/** Runs a function of `@segany/sam` and names the record in what it throws. */
function invalidFrom<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof SamError)) throw cause;
    const message = cause.message.startsWith(where) ? cause.message : `${where}: ${cause.message}`;
    throw new DatasetError("annotation-invalid", message, { cause });
  }
}

/**
 * Brings a box that is one less wide and high than the mask, as Meta's generator writes them (its last column
 * minus its first), to COCO's form; any other box stays as it is.
 *
 * @param tightBoxXywh the mask's own box
 */
export function withoutMetaOffset(boxXywh: BoxXywh, tightBoxXywh: CocoBoxXywh): CocoBoxXywh {
  const metaBox = cocoToMetaBox(tightBoxXywh);
  const isMetas = boxXywh.every((value, i) => value === metaBox[i]);
  return isMetas ? tightBoxXywh : cocoBox(boxXywh);
}
