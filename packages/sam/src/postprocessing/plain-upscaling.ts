import type { LinearTaps } from "./interpolation.js";

/**
 * The taps of both steps along one axis: low-res logits → model frame (cropped to the input) → original
 * image.
 */
export interface AxisTaps {
  readonly toModel: LinearTaps;
  readonly toOriginal: LinearTaps;
}

/** The plain path: two bilinear steps, each rounded to float32 as if the frame in between were stored. */
export interface PlainUpscaler {
  /**
   * Computes every upscaled logit.
   *
   * @param lowRes square low-res logits, row-major
   * @param out original image, HxW, row-major
   */
  upscale(lowRes: Float32Array, out: Float32Array): void;
  /** Computes one upscaled logit at an original pixel, bit-identical to {@link PlainUpscaler.upscale}. */
  valueAt(lowRes: Float32Array, x: number, y: number): number;
}

/**
 * Prepares `Sam.postprocess_masks` of Meta's repository for one image: bilinear to the model's square frame,
 * crop of the padding, bilinear to the original image.
 *
 * Rows are interpolated along x once and cached while the rows below need them; the frame in between is never
 * stored.
 */
export function createPlainUpscaler(lowResSize: number, columns: AxisTaps, rows: AxisTaps): PlainUpscaler {
  const width = columns.toOriginal.index0.length;
  const inputWidth = columns.toModel.index0.length;
  const modelRow = new Float32Array(inputWidth);
  let source: Float32Array = new Float32Array(0);

  const lowRows = createRowCache(inputWidth, (row, out) => {
    interpolateRow(source, row * lowResSize, columns.toModel, out);
  });
  const modelRows = createRowCache(width, (row, out) => {
    mixRows(lowRows, rows.toModel, row, modelRow, 0);
    interpolateRow(modelRow, 0, columns.toOriginal, out);
  });

  return {
    upscale(lowRes, out) {
      source = lowRes;
      lowRows.clear();
      modelRows.clear();
      const height = rows.toOriginal.index0.length;
      for (let y = 0; y < height; y++) mixRows(modelRows, rows.toOriginal, y, out, y * width);
    },
    valueAt(lowRes, x, y) {
      const at = (column: number, row: number): number =>
        bilinear(columns.toModel, rows.toModel, column, row, (i, j) => lowRes[j * lowResSize + i]!);
      return bilinear(columns.toOriginal, rows.toOriginal, x, y, at);
    },
  };
}

/** Bilinear value at (x, y): along x first, then along y, both rounded to float32 like stored rows. */
function bilinear(
  columns: LinearTaps,
  rows: LinearTaps,
  x: number,
  y: number,
  at: (column: number, row: number) => number,
): number {
  const [left, right] = [columns.index0[x]!, columns.index1[x]!];
  const [leftWeight, rightWeight] = [columns.weight0[x]!, columns.weight1[x]!];
  const upper = Math.fround(
    leftWeight * at(left, rows.index0[y]!) + rightWeight * at(right, rows.index0[y]!),
  );
  const lower = Math.fround(
    leftWeight * at(left, rows.index1[y]!) + rightWeight * at(right, rows.index1[y]!),
  );
  return Math.fround(rows.weight0[y]! * upper + rows.weight1[y]! * lower);
}

interface RowCache {
  row(index: number): Float32Array;
  clear(): void;
}

/** Caches the last even and the last odd row, which interpolation between two adjacent rows needs. */
function createRowCache(width: number, compute: (row: number, out: Float32Array) => void): RowCache {
  const kept = [new Float32Array(width), new Float32Array(width)] as const;
  const indices = [-1, -1];
  return {
    row(index) {
      const slot = (index & 1) as 0 | 1;
      if (indices[slot] !== index) {
        compute(index, kept[slot]);
        indices[slot] = index;
      }
      return kept[slot];
    },
    clear() {
      indices.fill(-1);
    },
  };
}

function interpolateRow(source: Float32Array, offset: number, taps: LinearTaps, out: Float32Array): void {
  const { index0, index1, weight0, weight1 } = taps;
  for (let x = 0; x < index0.length; x++) {
    out[x] = weight0[x]! * source[offset + index0[x]!]! + weight1[x]! * source[offset + index1[x]!]!;
  }
}

function mixRows(rows: RowCache, taps: LinearTaps, y: number, out: Float32Array, offset: number): void {
  const upper = rows.row(taps.index0[y]!);
  const lower = rows.row(taps.index1[y]!);
  const [weight0, weight1] = [taps.weight0[y]!, taps.weight1[y]!];
  for (let x = 0; x < upper.length; x++) out[offset + x] = weight0 * upper[x]! + weight1 * lower[x]!;
}
