import { type RgbaImage, SamError, type Size } from "@segany/masks";

/**
 * An 8-bit RGB image as three planes: 3 x height x width, all red values first, then green, then blue, each
 * row-major. This is the order of the model's input, so normalising it is one pass over memory.
 */
export interface PlanarRgbImage extends Size {
  readonly data: Uint8Array;
}

/**
 * Resampling weights of one axis: output i is the sum of `counts[i]` inputs from `starts[i]` on, with
 * weights at `i * stride`.
 */
interface AxisWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Pillow's fixed point for 8-bit samples: 32 bits less 8 for the sample and 2 spare. */
const FRACTION_BITS = 32 - 8 - 2;
const ONE = 1 << FRACTION_BITS;
const HALF = 1 << (FRACTION_BITS - 1);

/** A filter that pixels are resampled with. */
export interface ResamplingFilter {
  /** Half of the filter's width, in pixels of the coarser image. */
  readonly support: number;
  /** The weight at a distance in the same unit. */
  weight(distance: number): number;
}

/**
 * Resizes an image like Pillow's `Image.resize` with the same filter on 8-bit RGB, bit-identical. When an
 * image shrinks, the filter is widened by the scale, so that every input counts. Horizontal pass first, then
 * vertical, each rounded to 8 bits; a pass without a change of size is skipped. Alpha is dropped, like in
 * Pillow's `convert("RGB")`.
 *
 * @param size the requested size in pixels, at least 1x1
 * @returns a new planar image
 * @throws SamError `image-empty` if either size has no pixels
 */
export function resample(image: RgbaImage, size: Size, filter: ResamplingFilter): PlanarRgbImage {
  assertHasPixels(image, "The image");
  assertHasPixels(size, "The requested size");
  const { width, height } = size;
  const weights = (from: number, to: number) => axisWeights(from, to, filter);
  const rows =
    width === image.width ? toPlanes(image) : resizeRows(image, width, weights(image.width, width));
  const data =
    height === image.height
      ? rows
      : resizeColumns(rows, width, image.height, height, weights(image.height, height));
  return { width, height, data };
}

function assertHasPixels(size: Size, what: string): void {
  const valid = [size.width, size.height].every((side) => Number.isInteger(side) && side > 0);
  if (valid) return;
  throw new SamError(
    "image-empty",
    `${what} is ${size.width} x ${size.height} pixels; both sides must be integers of 1 or more.`,
  );
}

/**
 * Weights of a filter for one axis. The order of the arithmetic is Pillow's, since the last bit depends on
 * it.
 */
function axisWeights(inputLength: number, outputLength: number, filter: ResamplingFilter): AxisWeights {
  const scale = inputLength / outputLength;
  const widening = Math.max(scale, 1);
  const support = filter.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outputLength);
  const counts = new Int32Array(outputLength);
  const weights = new Int32Array(outputLength * stride);
  const row = new Float64Array(stride);
  for (let i = 0; i < outputLength; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(inputLength, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = filter.weight((k + start - center + 0.5) * (1 / widening));
      row[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * stride + k] = toFixedPoint(row[k]! / sum);
    starts[i] = start;
    counts[i] = count;
  }
  return { starts, counts, weights, stride };
}

/** Rounds halves away from zero. */
function toFixedPoint(weight: number): number {
  return Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
}

function toPlanes(image: RgbaImage): Uint8Array {
  const area = image.width * image.height;
  const source = image.data;
  const planes = new Uint8Array(3 * area);
  for (let i = 0; i < area; i++) {
    planes[i] = source[4 * i]!;
    planes[area + i] = source[4 * i + 1]!;
    planes[2 * area + i] = source[4 * i + 2]!;
  }
  return planes;
}

/**
 * The horizontal pass. @returns planes of 3 x image.height x width, with all rows, since the vertical filter
 * needs them
 */
function resizeRows(image: RgbaImage, width: number, axis: AxisWeights): Uint8Array {
  const { starts, counts, weights, stride } = axis;
  const source = image.data;
  const area = width * image.height;
  const planes = new Uint8Array(3 * area);
  for (let y = 0; y < image.height; y++) {
    const rowStart = y * image.width;
    for (let x = 0; x < width; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let at = 4 * (rowStart + starts[x]!);
      const first = x * stride;
      const end = first + counts[x]!;
      for (let k = first; k < end; k++, at += 4) {
        const weight = weights[k]!;
        red += source[at]! * weight;
        green += source[at + 1]! * weight;
        blue += source[at + 2]! * weight;
      }
      const target = y * width + x;
      planes[target] = toByte(red);
      planes[area + target] = toByte(green);
      planes[2 * area + target] = toByte(blue);
    }
  }
  return planes;
}

/**
 * The vertical pass, whole rows at a time so that memory is read in order. @returns planes of 3 x height x
 * width
 */
function resizeColumns(
  planes: Uint8Array,
  width: number,
  inputHeight: number,
  height: number,
  axis: AxisWeights,
): Uint8Array {
  const { starts, counts, weights, stride } = axis;
  const resized = new Uint8Array(3 * width * height);
  const sums = new Int32Array(width);
  for (let row = 0; row < 3 * height; row++) {
    const plane = Math.floor(row / height);
    const y = row - plane * height;
    sums.fill(HALF);
    for (let k = 0; k < counts[y]!; k++) {
      const weight = weights[y * stride + k]!;
      const source = (plane * inputHeight + starts[y]! + k) * width;
      for (let x = 0; x < width; x++) sums[x] = sums[x]! + planes[source + x]! * weight;
    }
    for (let x = 0; x < width; x++) resized[row * width + x] = toByte(sums[x]!);
  }
  return resized;
}

/**
 * Clips the result, like Pillow: rounded weights may sum to a little over one, and some filters overshoot.
 */
function toByte(sum: number): number {
  return Math.max(0, Math.min(sum >> FRACTION_BITS, 255));
}
