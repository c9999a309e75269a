import { createFloatMap, type FloatMap } from "./float-map.js";

/** Slopes along x and y. */
export interface Gradient {
  readonly x: FloatMap;
  readonly y: FloatMap;
}

/** Sobel's 3x3 slopes, a step of height 1 giving 4; beyond the map its border pixels are repeated. */
export function sobelGradient({ width, height, data }: FloatMap): Gradient {
  const x = createFloatMap(width, height);
  const y = createFloatMap(width, height);
  for (let row = 0; row < height; row++) {
    const above = Math.max(0, row - 1) * width;
    const here = row * width;
    const below = Math.min(height - 1, row + 1) * width;
    for (let column = 0; column < width; column++) {
      const left = Math.max(0, column - 1);
      const right = Math.min(width - 1, column + 1);
      const corners = data[below + right]! - data[above + left]!;
      const others = data[above + right]! - data[below + left]!;
      x.data[here + column] = corners + others + 2 * (data[here + right]! - data[here + left]!);
      y.data[here + column] = corners - others + 2 * (data[below + column]! - data[above + column]!);
    }
  }
  return { x, y };
}

/** The length of Sobel's gradient at each pixel. */
export function sobelMagnitude(map: FloatMap): FloatMap {
  const { x, y } = sobelGradient(map);
  for (let i = 0; i < x.data.length; i++) x.data[i] = Math.hypot(x.data[i]!, y.data[i]!);
  return x;
}
