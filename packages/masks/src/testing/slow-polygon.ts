import type { Mask, Size } from "../types.js";

/** `(int)` of C, which cuts off the fraction. */
const int = Math.trunc;

/** The points of a polygon's outline on a grid of fifths of a pixel, each edge by its longer axis. */
function outlineOf(polygon: readonly number[]): (readonly [x: number, y: number])[] {
  const corners = Array.from({ length: polygon.length / 2 }, (_, i) =>
    [2 * i, 2 * i + 1].map((at) => int(5 * polygon[at]! + 0.5)),
  );
  return corners.flatMap((from, i) => {
    let [[xs, ys], [xe, ye]] = [from, corners[(i + 1) % corners.length]!] as [number[], number[]];
    const [dx, dy] = [Math.abs(xe! - xs!), Math.abs(ye! - ys!)];
    const flip = dx >= dy ? xs! > xe! : ys! > ye!;
    if (flip) [xs, ys, xe, ye] = [xe, ye, xs, ys];
    const steps = Array.from({ length: Math.max(dx, dy) + 1 }, (_, d) => (flip ? Math.max(dx, dy) - d : d));
    if (dx >= dy) return steps.map((t) => [t + xs!, int(ys! + ((ye! - ys!) / dx) * t + 0.5)] as const);
    return steps.map((t) => [int(xs! + ((xe! - xs!) / dy) * t + 0.5), t + ys!] as const);
  });
}

/** One polygon as `rleFrPoly` of the COCO tools fills it: along its whole outline, point by point. */
export function slowCocoPolygon(polygon: readonly number[], { width, height }: Size): Mask {
  const points = outlineOf(polygon);
  const data = new Uint8Array(width * height);
  for (let j = 1; j < points.length; j++) {
    const [[u0, v0], [u1, v1]] = [points[j - 1]!, points[j]!];
    const column = ((u1 < u0 ? u1 : u1 - 1) + 0.5) / 5 - 0.5;
    if (u1 === u0 || Math.floor(column) !== column || column < 0 || column > width - 1) continue;
    const row = Math.ceil(Math.min(Math.max((Math.min(v0, v1) + 0.5) / 5 - 0.5, 0), height));
    // All that comes later in column order changes sides.
    for (let at = column * height + row; at < data.length; at++)
      data[(at % height) * width + Math.floor(at / height)]! ^= 1;
  }
  return { width, height, data };
}
