import { maskToRuns, runsToMask } from "./dense-runs.js";
import { type RleLimits, rleToRuns } from "./read-rle.js";
import { packCounts } from "./rle-string.js";
import type { AnyRle, Mask, MaskRuns, Rle, UncompressedRle } from "./types.js";

/**
 * Writes a mask as compressed COCO RLE, as files and messages have it; its runs stay as they are.
 *
 * @example
 * const right = { width: 2, height: 2, counts: Uint32Array.of(2, 2) };
 * console.log(runsToRle(right)); // { size: [ 2, 2 ], counts: '22' }
 */
export function runsToRle({ width, height, counts }: MaskRuns): Rle {
  return { size: [height, width], counts: packCounts(counts) };
}

/**
 * Writes a mask as uncompressed COCO RLE; its runs stay as they are.
 *
 * @example
 * const right = { width: 2, height: 2, counts: Uint32Array.of(2, 2) };
 * console.log(runsToUncompressedRle(right)); // { size: [ 2, 2 ], counts: [ 2, 2 ] }
 */
export function runsToUncompressedRle({ width, height, counts }: MaskRuns): UncompressedRle {
  return { size: [height, width], counts: Array.from(counts) };
}

/**
 * Encodes a dense mask as compressed COCO RLE, the same string as the COCO tools give.
 *
 * @throws SamError `mask-invalid` when the data has the wrong length or values other than 0 and 1
 *
 * @example
 * console.log(encodeRle(mask)); // { size: [ 4, 6 ], counts: '031N00029NH' }
 */
export function encodeRle(mask: Mask): Rle {
  return runsToRle(maskToRuns(mask));
}

/**
 * Encodes a dense mask as uncompressed COCO RLE (`mask_to_rle_pytorch` in Meta's repository).
 *
 * @throws SamError `mask-invalid` when the data has the wrong length or values other than 0 and 1
 *
 * @example
 * const right = { width: 2, height: 2, data: Uint8Array.of(0, 1, 0, 1) };
 * console.log(maskToUncompressedRle(right)); // { size: [ 2, 2 ], counts: [ 2, 2 ] }
 */
export function maskToUncompressedRle(mask: Mask): UncompressedRle {
  return runsToUncompressedRle(maskToRuns(mask));
}

/**
 * Packs run lengths into COCO's compressed coding; the runs stay as they are, empty ones included.
 *
 * @example
 * console.log(compressRle({ size: [2, 2], counts: [2, 2] })); // { size: [ 2, 2 ], counts: '22' }
 */
export function compressRle(rle: UncompressedRle): Rle {
  return runsToRle(rleToRuns(rle));
}

/**
 * Unpacks COCO's compressed coding into run lengths.
 *
 * @throws SamError `rle-invalid` when the string is damaged or doesn't fit its size
 *
 * @example
 * console.log(decompressRle({ size: [2, 2], counts: "22" })); // { size: [ 2, 2 ], counts: [ 2, 2 ] }
 */
export function decompressRle(rle: Rle): UncompressedRle {
  return runsToUncompressedRle(rleToRuns(rle));
}

/**
 * Decodes either form of COCO RLE to a dense mask: a byte for each pixel that its size claims. Where the RLE
 * is from outside, say which size it must have; one of another is refused before anything is allocated.
 *
 * @throws SamError `rle-invalid` when the runs are damaged or don't fit the size, or the size is beyond the
 *   limits
 *
 * @example
 * console.log(maskIou(decodeRle(encodeRle(mask)), mask)); // 1
 */
export function decodeRle(rle: AnyRle, limits: RleLimits = {}): Mask {
  return runsToMask(rleToRuns(rle, "The RLE", limits));
}
