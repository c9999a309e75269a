import type { RgbaImage } from "@segany/masks";

/**
 * The detector's input: the image stretched to a square by bilinear interpolation, from -1 to 1. As in
 * TensorFlow's `ResizeBilinear` a pixel's place is its corner, and nothing is averaged when an image gets
 * smaller: the network was trained so. Alpha is dropped.
 *
 * @param side pixels
 * @returns 3 x side x side values
 */
export function ssdPixels({ width, height, data }: RgbaImage, side: number): Float32Array {
  const pixels = new Float32Array(3 * side * side);
  const columns = Array.from({ length: side }, (_, x) => between(x, width, side));
  for (let y = 0; y < side; y++) {
    const row = between(y, height, side);
    const [upper, lower] = [row.first * width, row.second * width];
    for (let x = 0; x < side; x++) {
      const { first, second, share } = columns[x]!;
      for (let channel = 0; channel < 3; channel++) {
        const at = (place: number) => data[4 * place + channel]!;
        const top = at(upper + first) + (at(upper + second) - at(upper + first)) * share;
        const bottom = at(lower + first) + (at(lower + second) - at(lower + first)) * share;
        const value = top + (bottom - top) * row.share;
        pixels[(channel * side + y) * side + x] = value / 127.5 - 1;
      }
    }
  }
  return pixels;
}

/** The two places of the source that a place of the result lies between, and how far from the first. */
function between(place: number, source: number, side: number) {
  const exact = (place * source) / side;
  const first = Math.floor(exact);
  return { first, second: Math.min(first + 1, source - 1), share: exact - first };
}
