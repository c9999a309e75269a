import type { Mask } from "@segany/masks";

/**
 * Thins a binary map to lines one pixel wide without breaking them apart: the two-step thinning of Guo and
 * Hall ("Parallel thinning with two-subiteration algorithms", 1989), repeated until nothing changes, which is
 * what the Berkeley benchmark does to edges above a threshold.
 *
 * @returns a new map; pixels beyond the image count as outside
 *
 * @example
 * const bar = Uint8Array.from({ length: 25 }, (_, i) => (i % 5 > 0 && i % 5 < 4 ? 1 : 0));
 * const { data } = thin({ width: 5, height: 5, data: bar });
 * console.log(data.slice(10, 15).join(" ")); // 0 0 1 0 0
 */
export function thin({ width, height, data }: Mask): Mask {
  // One row and column of margin spares the tests for the border.
  const stride = width + 2;
  const padded = new Uint8Array(stride * (height + 2));
  for (let y = 0; y < height; y++) {
    padded.set(data.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1);
  }
  const ring = [1, 1 - stride, -stride, -stride - 1, -1, stride - 1, stride, stride + 1];
  let pixels = inside(padded);
  for (;;) {
    const before = pixels.length;
    for (const removable of REMOVABLE) pixels = removeOnce(padded, pixels, ring, removable);
    if (pixels.length === before) break;
  }
  const thinned = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = (y + 1) * stride + 1;
    thinned.set(padded.subarray(start, start + width), y * width);
  }
  return { width, height, data: thinned };
}

function inside(map: Uint8Array): Int32Array {
  const pixels: number[] = [];
  map.forEach((value, i) => {
    if (value !== 0) pixels.push(i);
  });
  return Int32Array.from(pixels);
}

/** One sub-iteration: all pixels are judged by the map as it was, then removed together. */
function removeOnce(
  map: Uint8Array,
  pixels: Int32Array,
  ring: readonly number[],
  removable: Uint8Array,
): Int32Array {
  const kept = new Int32Array(pixels.length);
  const removed: number[] = [];
  let keptCount = 0;
  for (const pixel of pixels) {
    let pattern = 0;
    for (let k = 0; k < 8; k++) pattern |= map[pixel + ring[k]!]! << k;
    if (removable[pattern]) removed.push(pixel);
    else kept[keptCount++] = pixel;
  }
  for (const pixel of removed) map[pixel] = 0;
  return kept.subarray(0, keptCount);
}

/** For the first and second sub-iteration and each pattern of neighbours, whether the pixel goes. */
const REMOVABLE: readonly Uint8Array[] = [0, 4].map((turn) =>
  Uint8Array.from({ length: 256 }, (_, pattern) => (isRemovable(pattern, turn) ? 1 : 0)),
);

/**
 * @param pattern eight neighbours as bits, from the east one counter-clockwise
 * @param turn 0 in the first sub-iteration; 4 in the second, whose last rule is turned by 180 degrees
 */
function isRemovable(pattern: number, turn: number): boolean {
  const x = (k: number): number => (pattern >> ((k - 1) % 8)) & 1; // x(1)..x(8), x(9) = x(1)
  let crossings = 0;
  let pairsOdd = 0;
  let pairsEven = 0;
  for (let i = 1; i <= 4; i++) {
    if (x(2 * i - 1) === 0 && (x(2 * i) === 1 || x(2 * i + 1) === 1)) crossings++;
    pairsOdd += x(2 * i - 1) | x(2 * i);
    pairsEven += x(2 * i) | x(2 * i + 1);
  }
  const neighbours = Math.min(pairsOdd, pairsEven);
  const y = (k: number): number => x(((k - 1 + turn) % 8) + 1);
  const isKeptSide = ((y(2) | y(3) | (1 - y(8))) & y(1)) === 1;
  return crossings === 1 && neighbours >= 2 && neighbours <= 3 && !isKeptSide;
}
