import { SamError } from "../errors.js";
import { unpackCounts } from "./rle-string.js";
import type { AnyRle } from "./types.js";

/**
 * The most pixels an RLE may claim. Run lengths of a few bytes can claim any size, and decoding allocates a byte a
 * pixel, so the claim is bounded before anything is allocated. 2^30 holds every image the library opens.
 */
export const maxRlePixels = 2 ** 30;

/**
 * The run lengths of an RLE of either form, checked: whole, not negative, and together exactly its size.
 * Column-major; even entries count outside pixels, odd ones inside pixels; entries may be 0.
 *
 * @param where what to call the RLE in an error message
 * @throws SamError `rle-invalid`
 */
export function runsOf(rle: AnyRle, where = "The RLE", maxPixels = maxRlePixels): Uint32Array {
  const pixels = pixelsOf(rle, where, maxPixels);
  const runs =
    typeof rle.counts === "string" ? unpackCounts(rle.counts, where) : copyCounts(rle.counts, where);
  let sum = 0;
  for (const run of runs) sum += run;
  if (sum !== pixels) {
    const [height, width] = rle.size;
    throw new SamError(
      "rle-invalid",
      `${where}: the runs cover ${sum} pixels, but its size [height ${height}, width ${width}] has ${pixels}.`,
    );
  }
  return runs;
}

function pixelsOf(rle: AnyRle, where: string, maxPixels: number): number {
  const [height, width] = rle.size;
  const whole = Number.isInteger(height) && Number.isInteger(width) && height >= 0 && width >= 0;
  if (!whole) {
    throw new SamError("rle-invalid", `${where}: size [${height}, ${width}] is not two whole numbers ≥ 0.`);
  }
  if (height * width > maxPixels) {
    throw new SamError(
      "rle-invalid",
      `${where}: size [${height}, ${width}] has more than the ${maxPixels} pixels allowed.`,
    );
  }
  return height * width;
}

function copyCounts(counts: readonly number[], where: string): Uint32Array {
  const runs = new Uint32Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (!Number.isInteger(count) || count < 0 || count > maxRlePixels) {
      throw new SamError(
        "rle-invalid",
        `${where}: run ${i} is ${String(count)}, not a whole number of pixels.`,
      );
    }
    runs[i] = count;
  }
  return runs;
}

/**
 * Turns the positions where a column-major scan changes between outside and inside into canonical run lengths
 * (no empty run but, where the first pixel is inside, the first).
 *
 * @param changes strictly rising column-major positions in 0..pixels; one at the very end says nothing
 * @param pixels height x width
 */
export function runsFromChanges(changes: Uint32Array, pixels: number): Uint32Array {
  const ends = changes.at(-1) === pixels ? changes.subarray(0, -1) : changes;
  const runs = new Uint32Array(ends.length + 1);
  let previous = 0;
  for (let i = 0; i < ends.length; i++) {
    runs[i] = ends[i]! - previous;
    previous = ends[i]!;
  }
  runs[ends.length] = pixels - previous;
  return runs;
}
