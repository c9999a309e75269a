import { SamError } from "./errors.js";
import type { AnyRle, BoxXywh } from "./types.js";

/** The number of inside pixels of column-major runs. */
export function areaOfRuns(runs: Uint32Array): number {
  let area = 0;
  for (let i = 1; i < runs.length; i += 2) area += runs[i]!;
  return area;
}

/** The tight box of column-major runs, last - first + 1 wide and high; [0, 0, 0, 0] when nothing is inside. */
export function boxOfRuns(runs: Uint32Array, height: number): BoxXywh {
  let left = Number.POSITIVE_INFINITY;
  let right = 0;
  let top = height;
  let bottom = 0;
  let start = 0;
  for (let i = 1; i < runs.length; i += 2) {
    start += runs[i - 1]!;
    const last = start + runs[i]! - 1;
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
  return right === 0 ? [0, 0, 0, 0] : [left, top, right - left, bottom - top];
}

/**
 * Checks that two RLEs are of images of one size.
 *
 * @throws SamError `rle-invalid`
 */
export function checkSameImage(a: AnyRle, b: AnyRle): void {
  if (a.size[0] === b.size[0] && a.size[1] === b.size[1]) return;
  throw new SamError(
    "rle-invalid",
    `The masks have different sizes [height, width], [${a.size.join(", ")}] and [${b.size.join(", ")}]; bring them to one image first.`,
  );
}
