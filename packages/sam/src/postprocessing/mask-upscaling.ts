import {
  type InclusiveBoxXyxy,
  type Mask,
  type MaskRuns,
  runsToUncompressedRle,
  SamError,
  type Size,
  type UncompressedRle,
} from "@segany/masks";
import { ABOVE_MIDDLE, BELOW_LOW, isSettled } from "./cell-classes.js";
import { composeTaps, linearTaps } from "./interpolation.js";
import { createLazyCells, type LazyCells } from "./lazy-cells.js";
import { createLazyRuns } from "./lazy-runs.js";
import { createMaskBox } from "./mask-box.js";
import { createMaskStability, type Stability } from "./mask-stability.js";
import { createMaskStatistics, type MaskStatistics } from "./mask-statistics.js";
import { type AxisTaps, createPlainUpscaler } from "./plain-upscaling.js";

/** The sizes of the frames between the decoder's masks and the original image. */
export interface MaskUpscalerOptions {
  /** Side of the decoder's square logit maps, `maskSide` of a model; at least 3. */
  readonly lowResSize: number;
  /** Side of the model's square input frame, `imageSide` of a model; at least `lowResSize`. */
  readonly modelSize: number;
  /** Pixels of the model frame that contain the image; the rest is padding on the right and below. */
  readonly inputSize: Size;
  /** Pixels of the original image (or of the encoded crop). */
  readonly originalSize: Size;
}

/**
 * Converts low-res logits to masks of the original image. One instance works for any number of maps of one
 * image, one call at a time: it reuses scratch memory. Maps have lowResSize² finite logits, row-major.
 *
 * Thresholds are compared in float32 and strictly (above is inside). `threshold`, `box`, `statistics`,
 * `stability` and `toRle` compute only the pixels near a mask's edge, and agree with thresholding `upscale`'s
 * result in every pixel.
 *
 * All functions throw `mask-invalid` for a map (or `out`) of the wrong length, and `option-invalid` for an
 * invalid threshold.
 */
export interface MaskUpscaler {
  /**
   * Computes all logits of the original image, HxW, row-major, in `out` if given (like
   * `Sam.postprocess_masks`).
   */
  upscale(lowRes: Float32Array, out?: Float32Array): Float32Array;
  /** Computes the dense mask of the original image. */
  threshold(lowRes: Float32Array, maskThreshold: number): Mask;
  /** Computes the first and last column and row of the mask, inclusive; [0, 0, 0, 0] if it is empty. */
  box(lowRes: Float32Array, maskThreshold: number): InclusiveBoxXyxy;
  /** Computes area, stability and box without the mask itself. `stabilityOffset` is in logits, at least 0. */
  statistics(lowRes: Float32Array, maskThreshold: number, stabilityOffset: number): MaskStatistics;
  /**
   * Computes stability alone. For a score that is certainly below `floor`, an upper bound below `floor` may
   * be returned.
   */
  stability(lowRes: Float32Array, maskThreshold: number, stabilityOffset: number, floor?: number): Stability;
  /** The mask of the original image as runs. */
  toRuns(lowRes: Float32Array, maskThreshold: number): MaskRuns;
  /** The same as uncompressed COCO RLE. */
  toRle(lowRes: Float32Array, maskThreshold: number): UncompressedRle;
}

/**
 * Prepares the upscaling of low-res logits (frame of the decoder's output) through the model frame to the
 * original image.
 *
 * @throws SamError `option-invalid` if a size is not an integer or does not fit the others
 *
 * @example
 * const upscaler = createMaskUpscaler({
 *   lowResSize: 256,
 *   modelSize: 1024,
 *   inputSize: { width: 1024, height: 683 },
 *   originalSize: image,
 * });
 * const prompt = { pointCoords: [[610, 430]], pointLabels: [1] } as const;
 * const { masks, lowResLogits } = await predictor.predict(prompt);
 * console.log(maskIou(upscaler.threshold(lowResLogits[0]!, 0), masks[0]!)); // 1
 */
export function createMaskUpscaler({
  lowResSize,
  modelSize,
  inputSize,
  originalSize,
}: MaskUpscalerOptions): MaskUpscaler {
  checkSizes(lowResSize, modelSize, inputSize, originalSize);
  const columns = axisTaps(lowResSize, modelSize, inputSize.width, originalSize.width);
  const rows = axisTaps(lowResSize, modelSize, inputSize.height, originalSize.height);
  const plain = createPlainUpscaler(lowResSize, columns, rows);
  const lazy = createLazyCells(
    lowResSize,
    composeTaps(columns.toModel, columns.toOriginal, lowResSize),
    composeTaps(rows.toModel, rows.toOriginal, lowResSize),
    plain,
  );
  const statistics = createMaskStatistics(lazy);
  const stability = createMaskStability(lazy);
  const box = createMaskBox(lazy);
  const lazyRuns = createLazyRuns(lazy);
  const pixels = originalSize.width * originalSize.height;

  function toRuns(lowRes: Float32Array, maskThreshold: number): MaskRuns {
    checkLength("low-res logits", lowRes.length, lowResSize ** 2);
    return lazyRuns(lowRes, toLogit(maskThreshold));
  }

  return {
    upscale(lowRes, out = new Float32Array(pixels)) {
      checkLength("low-res logits", lowRes.length, lowResSize ** 2);
      checkLength("output", out.length, pixels);
      plain.upscale(lowRes, out);
      return out;
    },
    threshold(lowRes, maskThreshold) {
      checkLength("low-res logits", lowRes.length, lowResSize ** 2);
      return denseMask(lazy, lowRes, toLogit(maskThreshold));
    },
    box(lowRes, maskThreshold) {
      checkLength("low-res logits", lowRes.length, lowResSize ** 2);
      return box(lowRes, toLogit(maskThreshold));
    },
    statistics(lowRes, maskThreshold, stabilityOffset) {
      checkLength("low-res logits", lowRes.length, lowResSize ** 2);
      const [low, high] = aroundThreshold(maskThreshold, stabilityOffset);
      return statistics(lowRes, { low, middle: toLogit(maskThreshold), high });
    },
    stability(lowRes, maskThreshold, stabilityOffset, floor = -Infinity) {
      checkLength("low-res logits", lowRes.length, lowResSize ** 2);
      return stability(lowRes, ...aroundThreshold(maskThreshold, stabilityOffset), floor);
    },
    toRuns,
    toRle: (lowRes, maskThreshold) => runsToUncompressedRle(toRuns(lowRes, maskThreshold)),
  };
}

function axisTaps(
  lowResSize: number,
  modelSize: number,
  inputLength: number,
  originalLength: number,
): AxisTaps {
  return {
    toModel: linearTaps(lowResSize, modelSize, inputLength),
    toOriginal: linearTaps(inputLength, originalLength),
  };
}

function denseMask(lazy: LazyCells, lowRes: Float32Array, threshold: number): Mask {
  const { columns, rows, tile } = lazy;
  const width = columns.start[columns.count]!;
  const height = rows.start[rows.count]!;
  const data = new Uint8Array(width * height);
  lazy.classify(lowRes, { low: threshold, middle: threshold, high: threshold });
  for (let row = 0; row < rows.count; row++) {
    if (lazy.rowBits(row) & BELOW_LOW) continue;
    for (let column = 0; column < columns.count; column++) {
      const bits = lazy.cellBits(column, row);
      if (bits & BELOW_LOW) continue;
      const settled = isSettled(bits) && (bits & ABOVE_MIDDLE) !== 0;
      if (!settled) lazy.computeCell(column, row);
      const [x0, x1] = [columns.start[column]!, columns.start[column + 1]!];
      let at = 0;
      for (let y = rows.start[row]!; y < rows.start[row + 1]!; y++) {
        for (let x = x0; x < x1; x++) data[y * width + x] = settled || tile[at++]! > threshold ? 1 : 0;
      }
    }
  }
  return { width, height, data };
}

/** The lowered and the raised threshold of the stability score. */
function aroundThreshold(threshold: number, offset: number): [low: number, high: number] {
  if (!(offset >= 0)) {
    throw new SamError("option-invalid", `The stability offset must be at least 0, not ${offset}.`);
  }
  return [toLogit(threshold - offset), toLogit(threshold + offset)];
}

function toLogit(threshold: number): number {
  if (!Number.isFinite(threshold)) {
    throw new SamError("option-invalid", `A mask threshold must be a finite logit, not ${threshold}.`);
  }
  return Math.fround(threshold);
}

function checkLength(what: string, length: number, expected: number): void {
  if (length === expected) return;
  throw new SamError("mask-invalid", `The ${what} must have ${expected} values, not ${length}.`);
}

function checkSizes(lowResSize: number, modelSize: number, inputSize: Size, originalSize: Size): void {
  const sides = [
    lowResSize,
    modelSize,
    inputSize.width,
    inputSize.height,
    originalSize.width,
    originalSize.height,
  ];
  const bad = sides.find((side) => !Number.isInteger(side) || side < 1);
  if (bad !== undefined) {
    throw new SamError("option-invalid", `Sizes must be integers of at least 1 pixel, not ${bad}.`);
  }
  if (lowResSize < 3 || modelSize < lowResSize) {
    const sizes = `lowResSize ${lowResSize} and modelSize ${modelSize}`;
    throw new SamError("option-invalid", `The sizes must be 3 <= lowResSize <= modelSize, not ${sizes}.`);
  }
  if (Math.max(inputSize.width, inputSize.height) > modelSize) {
    const size = `${inputSize.width}x${inputSize.height}`;
    throw new SamError(
      "option-invalid",
      `The input size ${size} must fit into the model's ${modelSize} pixels.`,
    );
  }
}
