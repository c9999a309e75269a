import type { RgbaImage, Size } from "@segany/masks";

/**
 * Converts CMYK to RGB without a colour profile, bit-identical to Pillow's `convert("RGB")`: colour = (255 -
 * K) - ink * (255 - K) / 255.
 *
 * @param inks row-major samples, at least C, M, Y, K per pixel, 0 for no ink; a fifth is alpha
 * @param channels samples per pixel: 4 or 5
 * @param maxValue full ink: 255, or 65535, of which the high byte is used
 */
export function cmykToRgb(
  inks: Uint8Array | Uint16Array,
  { width, height }: Size,
  channels: number,
  maxValue: 255 | 65535,
): RgbaImage<ArrayBuffer> {
  const shift = maxValue === 255 ? 0 : 8;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const from = i * channels;
    const light = 255 - (inks[from + 3]! >> shift);
    for (let c = 0; c < 3; c++) data[4 * i + c] = light - divideBy255((inks[from + c]! >> shift) * light);
    data[4 * i + 3] = channels > 4 ? inks[from + 4]! >> shift : 255;
  }
  return { width, height, data };
}

/** Rounded division without dividing, valid for products of two bytes. */
function divideBy255(product: number): number {
  const rounded = product + 128;
  return ((rounded >> 8) + rounded) >> 8;
}
