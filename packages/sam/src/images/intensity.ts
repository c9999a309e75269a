/** Samples of any range, as a decoder returns them, become 8 bits per channel. */
import { type RgbaImage, SamError, type Size } from "@segany/masks";

/**
 * Which samples become black and white:
 * - `auto`: 16-bit samples that use less than half of their range are scaled from their own least and
 *   greatest value, as those of microscopes and satellites are; all others are taken as `full`
 * - `full`: the range of the sample's type, 0..255 or 0..65535
 * - two percentiles, 0 to 100: the samples' own range without outliers, such as `[2, 98]`
 */
export type Intensity = "auto" | "full" | readonly [lowPercentile: number, highPercentile: number];

/** Decoded samples, row-major, the bands of a pixel beside each other. */
export interface PixelSamples extends Size {
  readonly data:
    | Uint8Array
    | Uint8ClampedArray
    | Uint16Array
    | Int16Array
    | Uint32Array
    | Int32Array
    | Float32Array
    | Float64Array;
  readonly bands: number;
}

/** What becomes of the samples. */
export interface SampleSelection {
  readonly intensity: Intensity;
  /** One band for grey, or three for red, green and blue, counted from 0. */
  readonly colours: readonly number[];
  /** The band with the opacity. */
  readonly alpha?: number | undefined;
}

/** The samples that become 0 and 255. */
export interface SampleRange {
  readonly low: number;
  readonly high: number;
}

/** Samples to look at for percentiles; more are taken at equal distances. */
const MOST_SORTED = 2 ** 20;

/**
 * Scales samples to 8 bits.
 *
 * @returns the image, and the range that was scaled where it is not that of the type
 */
export function toRgbaImage(
  samples: PixelSamples,
  selection: SampleSelection,
): { readonly image: RgbaImage<ArrayBuffer>; readonly range?: SampleRange } {
  const range = rangeOf(samples, selection);
  const { width, height, data: source, bands } = samples;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  const level = range ? scaledBy(range) : levelOf(source);
  selection.colours.forEach((band, channel) => {
    for (let from = band, to = channel; from < source.length; from += bands, to += 4)
      data[to] = level(source[from]!);
  });
  if (selection.colours.length === 1)
    for (let at = 0; at < data.length; at += 4) data[at + 2] = data[at + 1] = data[at]!;
  if (selection.alpha !== undefined) {
    const opacity = levelOf(source);
    for (let from = selection.alpha, to = 3; from < source.length; from += bands, to += 4)
      data[to] = opacity(source[from]!);
  }
  return { image: { width, height, data }, ...(range && { range }) };
}

/** By the type: a 16-bit sample's high byte, as Pillow does for RGB. */
function levelOf({ BYTES_PER_ELEMENT }: PixelSamples["data"]): (sample: number) => number {
  return BYTES_PER_ELEMENT === 1 ? (sample) => sample : (sample) => sample >> 8;
}

function scaledBy({ low, high }: SampleRange): (sample: number) => number {
  const factor = 255 / (high - low);
  // A clamped array rounds; NaN becomes 0.
  return (sample) => (sample - low) * factor;
}

function rangeOf(samples: PixelSamples, { intensity, colours }: SampleSelection): SampleRange | undefined {
  if (intensity === "full") return undefined;
  if (intensity === "auto") return narrowRange(samples, colours);
  const [low, high] = percentiles(samples, colours, intensity);
  return low < high ? { low, high } : undefined;
}

/** The least and the greatest 16-bit sample if they span less than half of the range. */
function narrowRange({ data, bands }: PixelSamples, colours: readonly number[]): SampleRange | undefined {
  if (!(data instanceof Uint16Array)) return undefined;
  let low = 65_535;
  let high = 0;
  for (const band of colours) {
    for (let at = band; at < data.length; at += bands) {
      if (data[at]! < low) low = data[at]!;
      if (data[at]! > high) high = data[at]!;
    }
  }
  return low < high && high - low < 32_768 ? { low, high } : undefined;
}

/** Percentiles by the nearest rank; samples that are no number are left out. */
function percentiles(
  { data, bands }: PixelSamples,
  colours: readonly number[],
  percents: readonly [number, number],
): [number, number] {
  const pixels = data.length / bands;
  const step = Math.max(1, Math.ceil((pixels * colours.length) / MOST_SORTED));
  const found: number[] = [];
  for (const band of colours)
    for (let pixel = 0; pixel < pixels; pixel += step) found.push(data[pixel * bands + band]!);
  const sorted = Float64Array.from(found.filter(Number.isFinite)).sort();
  const [low = 0, high = 0] = percents.map(
    (percent) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)],
  );
  return [low, high];
}

/** @throws SamError `option-invalid` */
export function checkIntensity(intensity: Intensity): void {
  if (intensity === "auto" || intensity === "full") return;
  const [low, high] = intensity;
  if (low >= 0 && low < high && high <= 100) return;
  throw new SamError(
    "option-invalid",
    `The intensity is "auto", "full" or two percentiles from 0 to 100, the lower first, not ${low},${high}.`,
  );
}
