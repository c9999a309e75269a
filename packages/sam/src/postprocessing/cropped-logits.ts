import { SamError } from "@segany/masks";

/**
 * The part of a low-res logit map that can exceed a given logit after upscaling; position and size in low-res
 * pixels.
 */
export interface CroppedLogits {
  readonly x: number;
  readonly y: number;
  /** 0 if there is none. */
  readonly width: number;
  readonly height: number;
  /**
   * Lowest mask threshold (and threshold - stability offset) for which restored and full map give the same
   * mask.
   */
  readonly minLogit: number;
  /** Logits of the rectangle, row-major. */
  readonly data: Float32Array;
}

/**
 * Upscaling reads 3x3 low-res logits per pixel: a logit can affect pixels up to two further in each
 * direction.
 */
const REACH = 2;

/**
 * Crops a square low-res logit map to the smallest rectangle outside which every upscaled logit is certainly
 * at most `minLogit`. A candidate's mask can then be computed again for any threshold from `minLogit` on,
 * with little memory.
 *
 * @param lowRes square map, row-major
 */
export function cropLogits(lowRes: Float32Array, minLogit: number): CroppedLogits {
  const size = sideOf(lowRes);
  const surelyBelow = minLogit - 1e-5 * Math.max(1, Math.abs(minLogit));
  let [x0, y0, x1, y1] = [size, size, -1, -1];
  for (let y = 0; y < size; y++) {
    const row = y * size;
    let first = 0;
    while (first < size && lowRes[row + first]! <= surelyBelow) first++;
    if (first === size) continue;
    let last = size - 1;
    while (lowRes[row + last]! <= surelyBelow) last--;
    [x0, x1] = [Math.min(x0, first), Math.max(x1, last)];
    [y0, y1] = [Math.min(y0, y), y];
  }
  if (y1 < 0) return { x: 0, y: 0, width: 0, height: 0, minLogit, data: new Float32Array(0) };
  const [x, y] = [Math.max(0, x0 - REACH), Math.max(0, y0 - REACH)];
  const width = Math.min(size, x1 + REACH + 1) - x;
  const height = Math.min(size, y1 + REACH + 1) - y;
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * size + x;
    data.set(lowRes.subarray(start, start + width), row * width);
  }
  return { x, y, width, height, minLogit, data };
}

/**
 * Restores a whole map from a rectangle; everything around it gets a logit below `minLogit`.
 *
 * @param out square low-res map, row-major, overwritten; with the side of the original map
 * @returns `out`
 */
export function restoreLogits(cropped: CroppedLogits, out: Float32Array): Float32Array {
  const size = sideOf(out);
  const { x, y, width, height, minLogit, data } = cropped;
  if (x + width > size || y + height > size) {
    const place = `${width}x${height} at (${x}, ${y})`;
    throw new SamError("mask-invalid", `Cropped logits of ${place} do not fit into a map of ${size} pixels.`);
  }
  out.fill(minLogit - Math.max(1, Math.abs(minLogit)));
  for (let row = 0; row < height; row++) {
    out.set(data.subarray(row * width, (row + 1) * width), (y + row) * size + x);
  }
  return out;
}

function sideOf(lowRes: Float32Array): number {
  const side = Math.round(Math.sqrt(lowRes.length));
  if (side * side === lowRes.length) return side;
  throw new SamError("mask-invalid", `Low-res logits must be a square map, not ${lowRes.length} values.`);
}
