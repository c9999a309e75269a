import { SamError } from "./errors.js";
import type { Accepts, CocoBoxXywh } from "./frames.js";
import { checkSameImage } from "./run-measures.js";
import { runsFromChanges } from "./runs.js";
import type { MaskRuns, Size } from "./types.js";

/**
 * The pixels that are inside at least one of two masks of one image; with itself, a mask's canonical runs.
 *
 * @throws SamError `rle-invalid` when sizes differ
 *
 * @example
 * const runs = maskToRuns(mask);
 * console.log(areaOfRuns(uniteRuns(runs, invertRuns(runs)))); // 24
 */
export function uniteRuns(a: MaskRuns, b: MaskRuns): MaskRuns {
  return combineRuns(a, b, (inA, inB) => inA | inB);
}

/**
 * The pixels that are inside both.
 *
 * @throws SamError `rle-invalid` when sizes differ
 *
 * @example
 * const runs = maskToRuns(mask);
 * console.log(areaOfRuns(intersectRuns(runs, invertRuns(runs)))); // 0
 */
export function intersectRuns(a: MaskRuns, b: MaskRuns): MaskRuns {
  return combineRuns(a, b, (inA, inB) => inA & inB);
}

/**
 * The pixels of the first that are not inside the second.
 *
 * @throws SamError `rle-invalid` when sizes differ
 *
 * @example
 * const runs = maskToRuns(mask);
 * console.log(areaOfRuns(subtractRuns(runs, runs))); // 0
 */
export function subtractRuns(a: MaskRuns, b: MaskRuns): MaskRuns {
  return combineRuns(a, b, (inA, inB) => inA & ~inB);
}

/**
 * The pixels that are inside exactly one of them: where the two differ. Applied twice, it changes nothing.
 *
 * @throws SamError `rle-invalid` when sizes differ
 *
 * @example
 * const runs = maskToRuns(mask);
 * console.log(areaOfRuns(xorRuns(runs, runs))); // 0
 */
export function xorRuns(a: MaskRuns, b: MaskRuns): MaskRuns {
  return combineRuns(a, b, (inA, inB) => inA ^ inB);
}

/**
 * Inside becomes outside and the other way round.
 *
 * @example
 * console.log(areaOfRuns(invertRuns(maskToRuns(mask)))); // 15
 */
export function invertRuns({ width, height, counts }: MaskRuns): MaskRuns {
  if (counts[0] === 0) return { width, height, counts: counts.slice(1) };
  const inverted = new Uint32Array(counts.length + 1);
  inverted.set(counts, 1);
  return { width, height, counts: inverted };
}

/** @param rule from whether a pixel is inside each of them, 1 or 0, to whether it is inside the result */
function combineRuns(a: MaskRuns, b: MaskRuns, rule: (inA: number, inB: number) => number): MaskRuns {
  checkSameImage(a, b);
  const pixels = a.width * a.height;
  const changes = new Uint32Array(a.counts.length + b.counts.length);
  let length = 0;
  let i = 0;
  let j = 0;
  let endA = a.counts[0] ?? pixels;
  let endB = b.counts[0] ?? pixels;
  let inside = 0;
  for (;;) {
    const position = Math.min(endA, endB);
    if (position >= pixels) break;
    // Empty runs end where they start: all that end here are passed before the value is looked at.
    while (endA === position) endA += a.counts[++i] ?? pixels;
    while (endB === position) endB += b.counts[++j] ?? pixels;
    const now = rule(i & 1, j & 1);
    if (now !== inside) changes[length++] = position;
    inside = now;
  }
  return runsFromChanges(changes.subarray(0, length), a);
}

/**
 * Cuts a box out of a mask.
 *
 * @param boxXywh whole pixels inside the mask's image
 * @returns a mask of the box's size
 * @throws SamError `option-invalid` when the box doesn't lie inside the image
 *
 * @example
 * console.log(areaOfRuns(cropRuns(maskToRuns(mask), [0, 0, 3, 3]))); // 8
 */
export function cropRuns(mask: MaskRuns, boxXywh: Accepts<CocoBoxXywh>): MaskRuns {
  const [x, y, width, height] = boxXywh;
  checkInside(boxXywh, mask);
  return moveRuns(mask, -x, -y, { width, height });
}

/**
 * Puts a mask of a crop back into the whole image; everything else is outside (`uncrop_masks` in Meta's
 * repository).
 *
 * @param originX column of the image at which the crop's first column lies
 * @param originY row of the image at which the crop's first row lies
 * @param size the image's size in pixels
 * @throws SamError `option-invalid` when the crop doesn't lie inside the image
 *
 * @example
 * const placed = placeRuns(maskToRuns(mask), 10, 20, { width: 100, height: 100 });
 * console.log(boxOfRuns(placed)); // [ 10, 20, 6, 3 ]
 */
export function placeRuns(mask: MaskRuns, originX: number, originY: number, size: Size): MaskRuns {
  checkInside([originX, originY, mask.width, mask.height], size);
  return moveRuns(mask, originX, originY, size);
}

function checkInside([x, y, width, height]: Accepts<CocoBoxXywh>, image: Size): void {
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
function moveRuns({ height, counts }: MaskRuns, dx: number, dy: number, target: Size): MaskRuns {
  const changes: number[] = [];
  let start = 0;
  for (let i = 1; i < counts.length; i += 2) {
    start += counts[i - 1]!;
    const end = start + counts[i]!;
    if (end > start) moveRun(start, end, height, dx, dy, target, changes);
    start = end;
  }
  return runsFromChanges(Uint32Array.from(changes), target);
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
