import type { RgbaImage } from "@segany/masks";

/** A number for each pixel, row-major. */
export interface FloatMap {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A map of zeros. */
export function createFloatMap(width: number, height: number): FloatMap {
  return { width, height, data: new Float32Array(width * height) };
}

/** Luma of an image, 0..1 (ITU-R BT.601, as `rgb2gray`); alpha isn't looked at. */
export function toGrey({ width, height, data }: RgbaImage): FloatMap {
  const grey = createFloatMap(width, height);
  for (let i = 0; i < grey.data.length; i++) {
    grey.data[i] = (0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!) / 255;
  }
  return grey;
}

/** Scales a map in place so that its largest value is 1; a map of zeros stays one. */
export function normaliseMap(map: FloatMap): FloatMap {
  let largest = 0;
  for (const value of map.data) if (value > largest) largest = value;
  if (largest > 0) for (let i = 0; i < map.data.length; i++) map.data[i]! /= largest;
  return map;
}

/**
 * Convolves rows, then columns, with a symmetric kernel; beyond the map its border pixels are repeated.
 *
 * @param half the kernel from its middle outwards: [k0, k1, …] stands for …, k1, k0, k1, …
 */
export function blur({ width, height, data }: FloatMap, half: readonly number[]): FloatMap {
  const across = createFloatMap(width, height);
  const both = createFloatMap(width, height);
  const at = (value: number, length: number): number =>
    value < 0 ? 0 : value >= length ? length - 1 : value;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = half[0]! * data[y * width + x]!;
      for (let k = 1; k < half.length; k++) {
        sum += half[k]! * (data[y * width + at(x - k, width)]! + data[y * width + at(x + k, width)]!);
      }
      across.data[y * width + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = half[0]! * across.data[y * width + x]!;
      for (let k = 1; k < half.length; k++) {
        const above = across.data[at(y - k, height) * width + x]!;
        const below = across.data[at(y + k, height) * width + x]!;
        sum += half[k]! * (above + below);
      }
      both.data[y * width + x] = sum;
    }
  }
  return both;
}

/** The outer half of a Gaussian kernel that sums to 1, cut at four standard deviations. */
export function gaussianKernel(sigmaPx: number): number[] {
  const radius = Math.max(1, Math.ceil(4 * sigmaPx));
  const half = Array.from({ length: radius + 1 }, (_, k) => Math.exp(-(k * k) / (2 * sigmaPx * sigmaPx)));
  return normaliseKernel(half);
}

/** The outer half of a triangle kernel that sums to 1. */
export function triangleKernel(radiusPx: number): number[] {
  return normaliseKernel(Array.from({ length: radiusPx + 1 }, (_, k) => radiusPx + 1 - k));
}

function normaliseKernel(half: readonly number[]): number[] {
  const total = half.reduce((sum, value, k) => sum + (k === 0 ? value : 2 * value), 0);
  return half.map((value) => value / total);
}
