import { SamError } from "./errors.js";
import { maxGroups, unpackCounts } from "./rle-string.js";
import type { AnyRle, Size } from "./types.js";

/**
 * The most pixels an RLE may claim. Run lengths of a few bytes can claim any size, and decoding allocates a byte a
 * pixel, so the claim is bounded before anything is allocated. 2^30 holds every image the library opens.
 */
export const maxRlePixels = 2 ** 30;

/** What an RLE may claim; checked before its runs are read. */
export interface RleLimits {
  /** The largest height x width to accept. */
  readonly maxPixels?: number | undefined;
  /** The size that it must have: that of its image. */
  readonly size?: Size | undefined;
}

/**
 * The run lengths of an RLE of either form, checked: whole, not negative, and together exactly its size.
 * Column-major; even entries count outside pixels, odd ones inside pixels; entries may be 0.
 *
 * @param where what to call the RLE in an error message
 * @throws SamError `rle-invalid`
 */
export function runsOf(rle: AnyRle, where = "The RLE", limits: RleLimits = {}): Uint32Array {
  const pixels = pixelsOf(rle, where, limits);
  checkLength(rle, where, pixels);
  const runs =
    typeof rle.counts === "string" ? unpackCounts(rle.counts, where, pixels) : copyCounts(rle.counts, where);
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

function pixelsOf(rle: AnyRle, where: string, { maxPixels = maxRlePixels, size }: RleLimits): number {
  const [height, width] = rle.size;
  if (size && (height !== size.height || width !== size.width)) {
    throw new SamError(
      "rle-invalid",
      `${where}: size [${height}, ${width}] is not the image's [height ${size.height}, width ${size.width}].`,
    );
  }
  const whole = Number.isInteger(height) && Number.isInteger(width) && height >= 0 && width >= 0;
  if (!whole) {
    throw new SamError("rle-invalid", `${where}: size [${height}, ${width}] is not two whole numbers ≥ 0.`);
  }
  const most = Math.min(maxPixels, maxRlePixels);
  if (height * width > most) {
    throw new SamError(
      "rle-invalid",
      `${where}: size [${height}, ${width}] has more than the ${most} pixels allowed.`,
    );
  }
  return height * width;
}

/** Bounds what reading the runs takes: there are at most as many as pixels, each with an empty one beside it. */
function checkLength({ counts }: AnyRle, where: string, pixels: number): void {
  const most = (2 * pixels + 2) * (typeof counts === "string" ? maxGroups : 1);
  if (counts.length <= most) return;
  throw new SamError(
    "rle-invalid",
    `${where}: counts of length ${counts.length} are more than ${pixels} pixels can need.`,
  );
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
