/** Changes of an image's colours, by the formulas of torchvision's `ColorJitter`. */
import type { RgbaImage } from "@segany/masks";
import type { Random } from "../random/random.js";

/** How far colours change. */
export interface ColorSettings {
  /** Each factor is drawn evenly from 1 - this to 1 + this; 0, the default: as it is. */
  readonly brightness?: number;
  readonly contrast?: number;
  readonly saturation?: number;
}

/** Factors of brightness, contrast and saturation, which are applied in this order. */
export type ColorFactors = readonly [brightness: number, contrast: number, saturation: number];

/** Draws factors; undefined where the settings leave colours as they are, and then draws nothing. */
export function drawColor(
  random: Random,
  { brightness = 0, contrast = 0, saturation = 0 }: ColorSettings,
): ColorFactors | undefined {
  if (brightness === 0 && contrast === 0 && saturation === 0) return undefined;
  const factor = (range: number) => 1 + range * (2 * random.unit() - 1);
  return [factor(brightness), factor(contrast), factor(saturation)];
}

/**
 * Brightness multiplies; contrast blends with the image's mean luma, saturation each pixel with its own.
 * Alpha stays.
 */
export function adjustColor(image: RgbaImage, [brightness, contrast, saturation]: ColorFactors): RgbaImage {
  const data = image.data.slice();
  for (let i = 0; i < data.length; i += 4) blend(data, i, 0, brightness);
  const mean = meanLuma(data);
  for (let i = 0; i < data.length; i += 4) {
    blend(data, i, mean, contrast);
    blend(data, i, luma(data, i), saturation);
  }
  return { ...image, data };
}

/** Between a gray (factor 0) and the pixel as it is (1), or further; rounded to bytes. */
function blend(data: Uint8ClampedArray, at: number, gray: number, factor: number): void {
  for (let i = at; i < at + 3; i++) data[i] = gray + factor * (data[i]! - gray);
}

/** Of ITU-R BT.601. */
function luma(data: Uint8ClampedArray, at: number): number {
  return 0.2989 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
}

function meanLuma(data: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += luma(data, i);
  return (4 * sum) / data.length;
}
