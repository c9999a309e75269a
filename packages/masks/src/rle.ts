import { SamError } from "./errors.js";
import { checkMask } from "./mask.js";
import { findChanges } from "./mask-changes.js";
import { packCounts } from "./rle-string.js";
import { type RleLimits, runsFromChanges, runsOf } from "./runs.js";
import type { AnyRle, Mask, Rle, UncompressedRle } from "./types.js";

/**
 * Encodes a dense mask as compressed COCO RLE, the same string as the COCO tools give.
 *
 * @throws SamError `mask-invalid` when the data has the wrong length or values other than 0 and 1
 */
export function encodeRle(mask: Mask): Rle {
  return { size: [mask.height, mask.width], counts: packCounts(maskToRuns(mask)) };
}

/**
 * Encodes a dense mask as uncompressed COCO RLE (`mask_to_rle_pytorch` in Meta's repository).
 *
 * @throws SamError `mask-invalid` when the data has the wrong length or values other than 0 and 1
 */
export function maskToUncompressedRle(mask: Mask): UncompressedRle {
  return { size: [mask.height, mask.width], counts: Array.from(maskToRuns(mask)) };
}

function maskToRuns(mask: Mask): Uint32Array {
  checkMask(mask);
  return runsFromChanges(findChanges(mask), mask.width * mask.height);
}

/** Packs run lengths into COCO's compressed coding; the runs stay as they are, empty ones included. */
export function compressRle(rle: UncompressedRle): Rle {
  return { size: [rle.size[0], rle.size[1]], counts: packCounts(runsOf(rle)) };
}

/**
 * Unpacks COCO's compressed coding into run lengths.
 *
 * @throws SamError `rle-invalid` when the string is damaged or doesn't fit its size
 */
export function decompressRle(rle: Rle): UncompressedRle {
  return { size: [rle.size[0], rle.size[1]], counts: Array.from(runsOf(rle)) };
}

/**
 * Decodes either form of COCO RLE to a dense mask: a byte for each pixel that its size claims. Where the RLE is from
 * outside, say which size it must have; one of another is refused before anything is allocated.
 *
 * @throws SamError `rle-invalid` when the runs are damaged or don't fit the size, or the size is beyond the limits
 */
export function decodeRle(rle: AnyRle, limits: RleLimits = {}): Mask {
  const [height, width] = rle.size;
  const runs = runsOf(rle, "The RLE", limits);
  const data = new Uint8Array(width * height);
  paintRuns(data, runs, width, height);
  return { width, height, data };
}

/**
 * Marks where each column changes and then carries the marks down row by row, which walks memory in order; filling
 * column by column would jump a row's length for each pixel.
 */
function paintRuns(data: Uint8Array, runs: Uint32Array, width: number, height: number): void {
  let left = width;
  let right = 0;
  let top = height;
  let bottom = 0;
  let start = 0;
  for (let i = 1; i < runs.length; i += 2) {
    start += runs[i - 1]!;
    const end = start + runs[i]!;
    if (end === start) continue;
    const firstX = Math.floor(start / height);
    const lastX = Math.floor((end - 1) / height);
    const startY = start - firstX * height;
    const endY = end - lastX * height;
    data[startY * width + firstX]! ^= 1;
    for (let x = firstX + 1; x <= lastX; x++) data[x]! ^= 1;
    if (endY < height) data[endY * width + lastX]! ^= 1;
    const oneColumn = firstX === lastX;
    left = Math.min(left, firstX);
    right = Math.max(right, lastX + 1);
    top = Math.min(top, oneColumn ? startY : 0);
    bottom = Math.max(bottom, oneColumn ? endY : height);
    start = end;
  }
  carryDown(data, width, left, right, top + 1, Math.min(bottom + 1, height));
}

/** Joins each row's marks with the row above, from column `left` to before `right`, four pixels at a time. */
function carryDown(
  data: Uint8Array,
  width: number,
  left: number,
  right: number,
  top: number,
  bottom: number,
): void {
  const view = new DataView(data.buffer);
  for (let y = top; y < bottom; y++) {
    let i = y * width + left;
    const end = y * width + right;
    for (; i + 4 <= end; i += 4) {
      view.setInt32(i, view.getInt32(i, true) ^ view.getInt32(i - width, true), true);
    }
    for (; i < end; i++) data[i]! ^= data[i - width]!;
  }
}

/**
 * Checks a value from outside (a file, a request) and gives it back as an RLE: an object with `size` [height, width] and
 * `counts` as COCO's string or as a list of run lengths. Other properties are left out.
 *
 * Strict where the COCO tools are not: the runs must add up to the size, and a string must be what the tools themselves
 * would write for those runs. Empty runs are accepted. A size beyond the limits is refused before the runs are read.
 *
 * @param where what to call the value in an error message, e.g. file and record
 * @throws SamError `rle-invalid`
 */
export function parseRle(value: unknown, where = "The RLE", limits: RleLimits = {}): AnyRle {
  if (typeof value !== "object" || value === null || !("size" in value) || !("counts" in value)) {
    throw new SamError("rle-invalid", `${where}: not an object with "size" and "counts".`);
  }
  const { size, counts } = value;
  if (!isPair(size)) {
    throw new SamError("rle-invalid", `${where}: "size" is not [height, width] in whole pixels.`);
  }
  const plainSize: [number, number] = [size[0], size[1]];
  if (typeof counts === "string") {
    const rle: Rle = { size: plainSize, counts };
    runsOf(rle, where, limits);
    return rle;
  }
  if (!Array.isArray(counts)) {
    throw new SamError(
      "rle-invalid",
      `${where}: "counts" is neither COCO's string nor a list of run lengths.`,
    );
  }
  const runs = runsOf({ size: plainSize, counts }, where, limits);
  return { size: plainSize, counts: Array.from(runs) };
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((entry) => typeof entry === "number");
}
