import { boxXywhToXyxy, toInclusiveBox } from "./boxes.js";
import { cocoBox } from "./brands.js";
import { SamError } from "./errors.js";
import type { CocoBoxXywh, InclusiveBoxXyxy } from "./frames.js";
import type { MaskRuns, Size } from "./types.js";

/**
 * The number of inside pixels.
 *
 * @example
 * console.log(areaOfRuns(maskToRuns(mask))); // 9
 */
export function areaOfRuns({ counts }: MaskRuns): number {
  let area = 0;
  for (let i = 1; i < counts.length; i += 2) area += counts[i]!;
  return area;
}

/**
 * The tight box in pixels, last - first + 1 wide and high as in COCO's files; [0, 0, 0, 0] when nothing is
 * inside.
 *
 * @example
 * console.log(boxOfRuns(maskToRuns(mask))); // [ 0, 0, 6, 3 ]
 */
export function boxOfRuns({ height, counts }: MaskRuns): CocoBoxXywh {
  let left = Number.POSITIVE_INFINITY;
  let right = 0;
  let top = height;
  let bottom = 0;
  let start = 0;
  for (let i = 1; i < counts.length; i += 2) {
    start += counts[i - 1]!;
    const last = start + counts[i]! - 1;
    if (last < start) continue;
    const firstX = Math.floor(start / height);
    const lastX = Math.floor(last / height);
    left = Math.min(left, firstX);
    right = lastX + 1;
    // A run that goes on in the next column touches the bottom row and the top row.
    top = Math.min(top, firstX === lastX ? start - firstX * height : 0);
    bottom = Math.max(bottom, firstX === lastX ? last - lastX * height + 1 : height);
    start = last + 1;
  }
  return cocoBox(right === 0 ? [0, 0, 0, 0] : [left, top, right - left, bottom - top]);
}

/**
 * `maskToBoxXyxy` of runs: the first and the last column and row, the last ones included; [0, 0, 0, 0] for
 * none.
 *
 * @example
 * console.log(boxXyxyOfRuns(maskToRuns(mask))); // [ 0, 0, 5, 2 ]
 */
export function boxXyxyOfRuns(mask: MaskRuns): InclusiveBoxXyxy {
  return toInclusiveBox(boxXywhToXyxy(boxOfRuns(mask)));
}

/**
 * Whether two masks of one size have the same runs, which canonical runs have whenever they have the same
 * pixels.
 *
 * @example
 * console.log(sameRuns(maskToRuns(mask), rleToRuns(encodeRle(mask)))); // true
 */
export function sameRuns(a: MaskRuns, b: MaskRuns): boolean {
  const isSameSize = a.width === b.width && a.height === b.height && a.counts.length === b.counts.length;
  return isSameSize && a.counts.every((count, i) => count === b.counts[i]);
}

/**
 * Checks that two masks are of images of one size.
 *
 * @throws SamError `rle-invalid`
 */
export function checkSameImage(a: Size, b: Size): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new SamError(
    "rle-invalid",
    `The masks have different sizes [height, width], [${a.height}, ${a.width}] and [${b.height}, ${b.width}]; bring them to one image first.`,
  );
}
