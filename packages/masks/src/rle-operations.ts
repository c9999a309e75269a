import { SamError } from "./errors.js";
import { packCounts } from "./rle-string.js";
import { areaOfRuns, boxOfRuns, checkSameImage } from "./run-measures.js";
import { runsFromChanges, runsOf } from "./runs.js";
import type { AnyRle, BoxXywh, Rle, Size } from "./types.js";

/** The number of inside pixels. */
export function rleArea(rle: AnyRle): number {
  return areaOfRuns(runsOf(rle));
}

/**
 * The tight box in pixels as the COCO tools give it: width = last column - first column + 1; [0, 0, 0, 0] for an empty
 * mask. Meta's generator writes one pixel less (`maskToBoxXyxy`, `boxXyxyToXywh`).
 */
export function rleToBoxXywh(rle: AnyRle): BoxXywh {
  return boxOfRuns(runsOf(rle), rle.size[0]);
}

/**
 * The union of masks of one image, or what all of them share.
 *
 * @returns canonical runs (no empty ones)
 * @throws SamError `rle-invalid` when there is none or sizes differ
 */
export function mergeRles(rles: readonly AnyRle[], { intersect = false }: { intersect?: boolean } = {}): Rle {
  const [first, ...rest] = rles;
  if (!first)
    throw new SamError("rle-invalid", "Merging needs at least one RLE; there is none to take the size from.");
  const pixels = first.size[0] * first.size[1];
  let merged = runsOf(first);
  // Merging with itself makes the runs of a single mask canonical too.
  for (const rle of rest.length > 0 ? rest : [first]) {
    checkSameImage(first, rle);
    merged = mergeRuns(merged, runsOf(rle), pixels, intersect ? 2 : 1);
  }
  return { size: [first.size[0], first.size[1]], counts: packCounts(merged) };
}

/** Merges two masks; a pixel is inside when it is inside in at least `needed` of them. */
function mergeRuns(a: Uint32Array, b: Uint32Array, pixels: number, needed: 1 | 2): Uint32Array {
  const changes = new Uint32Array(a.length + b.length);
  let length = 0;
  let i = 0;
  let j = 0;
  let endA = a[0] ?? pixels;
  let endB = b[0] ?? pixels;
  let inside = 0;
  for (;;) {
    const position = Math.min(endA, endB);
    if (position >= pixels) break;
    // Empty runs end where they start: all that end here are passed before the value is looked at.
    while (endA === position) endA += a[++i] ?? pixels;
    while (endB === position) endB += b[++j] ?? pixels;
    const now = Number((i & 1) + (j & 1) >= needed);
    if (now !== inside) changes[length++] = position;
    inside = now;
  }
  return runsFromChanges(changes.subarray(0, length), pixels);
}

/**
 * Cuts a box out of a mask.
 *
 * @param boxXywh whole pixels inside the mask's image
 * @returns a mask of the box's size
 * @throws SamError `option-invalid` when the box doesn't lie inside the image
 */
export function cropRle(rle: AnyRle, boxXywh: BoxXywh): Rle {
  const [x, y, width, height] = boxXywh;
  checkInside(boxXywh, { width: rle.size[1], height: rle.size[0] });
  return moveRle(rle, -x, -y, { width, height });
}

/**
 * Puts a mask of a crop back into the whole image; everything else is outside (`uncrop_masks` in Meta's repository).
 *
 * @param originX column of the image at which the crop's first column lies
 * @param originY row of the image at which the crop's first row lies
 * @param size the image's size in pixels
 * @throws SamError `option-invalid` when the crop doesn't lie inside the image
 */
export function placeRle(rle: AnyRle, originX: number, originY: number, size: Size): Rle {
  checkInside([originX, originY, rle.size[1], rle.size[0]], size);
  return moveRle(rle, originX, originY, size);
}

function checkInside([x, y, width, height]: BoxXywh, image: Size): void {
  const whole = [x, y, width, height, image.width, image.height].every(
    (value) => Number.isInteger(value) && value >= 0,
  );
  if (whole && x + width <= image.width && y + height <= image.height) return;
  throw new SamError(
    "option-invalid",
    `The box [x ${x}, y ${y}, width ${width}, height ${height}] must have whole numbers and lie inside the ${image.width}x${image.height} image.`,
  );
}

/** Moves a mask by whole pixels into an image of another size; what falls outside is cut off. */
function moveRle(rle: AnyRle, dx: number, dy: number, target: Size): Rle {
  const sourceHeight = rle.size[0];
  const runs = runsOf(rle);
  const changes: number[] = [];
  let start = 0;
  for (let i = 1; i < runs.length; i += 2) {
    start += runs[i - 1]!;
    const end = start + runs[i]!;
    if (end > start) moveRun(start, end, sourceHeight, dx, dy, target, changes);
    start = end;
  }
  const pixels = target.width * target.height;
  return {
    size: [target.height, target.width],
    counts: packCounts(runsFromChanges(Uint32Array.from(changes), pixels)),
  };
}

/** Splits a run by columns and adds what lies in the target, joining pieces that meet. */
function moveRun(
  start: number,
  end: number,
  sourceHeight: number,
  dx: number,
  dy: number,
  { width, height }: Size,
  changes: number[],
): void {
  const firstX = Math.floor(start / sourceHeight);
  const lastX = Math.min(Math.floor((end - 1) / sourceHeight), width - 1 - dx);
  for (let x = Math.max(firstX, -dx); x <= lastX; x++) {
    const column = x * sourceHeight;
    const top = Math.max(Math.max(start, column) - column + dy, 0);
    const bottom = Math.min(Math.min(end, column + sourceHeight) - column + dy, height);
    if (bottom <= top) continue;
    const from = (x + dx) * height + top;
    if (changes.at(-1) === from) changes.pop();
    else changes.push(from);
    changes.push((x + dx) * height + bottom);
  }
}
