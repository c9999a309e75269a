import { SamError } from "./errors.js";
import { maxGroups, unpackCounts } from "./rle-string.js";
import type { AnyRle, MaskRuns, Size } from "./types.js";

/**
 * The most pixels an RLE may claim. Run lengths of a few bytes can claim any size, and decoding allocates a
 * byte a pixel, so the claim is bounded before anything is allocated. 2^30 holds every image the library
 * opens.
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
 * Reads COCO's run lengths of either form into a mask in memory, checked: whole, not negative, and together
 * exactly the size. Empty runs stay.
 *
 * @param where what to call the RLE in an error message
 * @throws SamError `rle-invalid`
 *
 * @example
 * console.log(rleToRuns(encodeRle(mask)).counts.join(" ")); // 0 3 1 1 1 1 1 3 10 1 2
 */
export function rleToRuns(rle: AnyRle, where = "The RLE", limits: RleLimits = {}): MaskRuns {
  const pixels = pixelsOf(rle, where, limits);
  checkLength(rle, where, pixels);
  const counts =
    typeof rle.counts === "string" ? unpackCounts(rle.counts, where, pixels) : copyCounts(rle.counts, where);
  let sum = 0;
  for (const count of counts) sum += count;
  const [height, width] = rle.size;
  if (sum !== pixels) {
    throw new SamError(
      "rle-invalid",
      `${where}: the runs cover ${sum} pixels, but its size [height ${height}, width ${width}] has ${pixels}.`,
    );
  }
  return { width, height, counts };
}

/**
 * Checks a value from outside (a file, a request) and gives it back as an RLE: an object with `size` [height,
 * width] and `counts` as COCO's string or as a list of run lengths. Other properties are left out.
 *
 * Strict where the COCO tools are not: the runs must add up to the size, and a string must be what the tools
 * themselves would write for those runs. Empty runs are accepted. A size beyond the limits is refused before
 * the runs are read.
 *
 * @param where what to call the value in an error message, e.g. file and record
 * @throws SamError `rle-invalid`
 *
 * @example
 * const value: unknown = JSON.parse('{ "size": [4, 6], "counts": [5, 2, 2, 2, 13] }');
 * console.log(rleArea(parseRle(value, "mask 1"))); // 4
 */
export function parseRle(value: unknown, where = "The RLE", limits: RleLimits = {}): AnyRle {
  const rle = rleOf(value, where);
  const { counts } = rleToRuns(rle, where, limits);
  return typeof rle.counts === "string" ? rle : { size: rle.size, counts: Array.from(counts) };
}

/**
 * `parseRle`, giving the mask as it is in memory.
 *
 * @example
 * console.log(parseRuns({ size: [2, 2], counts: [2, 2] }, "mask 1").counts); // Uint32Array(2) [ 2, 2 ]
 */
export function parseRuns(value: unknown, where = "The RLE", limits: RleLimits = {}): MaskRuns {
  return rleToRuns(rleOf(value, where), where, limits);
}

/** Checks the form only; what the list of counts holds is checked where it is read. */
function rleOf(value: unknown, where: string): AnyRle {
  if (typeof value !== "object" || value === null || !("size" in value) || !("counts" in value)) {
    throw new SamError("rle-invalid", `${where}: not an object with "size" and "counts".`);
  }
  const { size, counts } = value;
  if (!isPair(size)) {
    throw new SamError("rle-invalid", `${where}: "size" is not [height, width] in whole pixels.`);
  }
  if (typeof counts === "string") return { size: [size[0], size[1]], counts };
  if (Array.isArray(counts)) return { size: [size[0], size[1]], counts };
  throw new SamError("rle-invalid", `${where}: "counts" is neither COCO's string nor a list of run lengths.`);
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((entry) => typeof entry === "number");
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

/**
 * Bounds what reading the runs takes: there are at most as many as pixels, each with an empty one beside it.
 */
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
