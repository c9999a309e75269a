import { blur, createFloatMap, type FloatMap, triangleKernel } from "./float-map.js";

/**
 * A pixel must reach this multiple of its own strength to outdo a neighbour: plateaus two pixels wide
 * survive.
 */
const TOLERANCE = 1.01;
/**
 * Edges this near to the image's border are faded out, where the smoothed map says nothing reliable of
 * direction.
 */
const BORDER_PX = 5;

/**
 * Thins an edge map to ridges: a pixel stays where it is at least as strong as the map one pixel away on
 * either side across the edge. That is the direction in which the smoothed map bends down most (Canny's
 * suppression as done for edge probabilities in Dollár and Zitnick, "Fast edge detection using structured
 * forests", 2015, with their published settings: smoothing by triangles of radius 1 and 4, tolerance 1.01,
 * border 5).
 *
 * @returns a new map; suppressed pixels are 0
 *
 * @example
 * const ridge = Float32Array.from({ length: 25 }, (_, i) => [0, 0.5, 1, 0.5, 0][i % 5]!);
 * const { data } = suppressNonMaxima({ width: 5, height: 5, data: ridge });
 * console.log(data[11]! > 0, data[12]! > 0); // false true
 */
export function suppressNonMaxima(edges: FloatMap): FloatMap {
  const smooth = blur(edges, triangleKernel(1));
  const directions = acrossEdges(smooth);
  const { width, height } = smooth;
  const thin = createFloatMap(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const strength = smooth.data[i]!;
      if (strength === 0) continue;
      const dx = Math.cos(directions[i]!);
      const dy = Math.sin(directions[i]!);
      const rival = Math.max(sample(smooth, x + dx, y + dy), sample(smooth, x - dx, y - dy));
      if (strength * TOLERANCE >= rival) thin.data[i] = strength;
    }
  }
  fadeBorder(thin);
  return thin;
}

/** The direction of the Hessian's smallest eigenvalue at each pixel, radians from the x axis. */
function acrossEdges(map: FloatMap): Float32Array {
  const wide = blur(map, triangleKernel(4));
  const slopeX = centralDifference(wide, 1, 0);
  const xx = centralDifference(slopeX, 1, 0);
  const xy = centralDifference(slopeX, 0, 1);
  const yy = centralDifference(centralDifference(wide, 0, 1), 0, 1);
  const angles = new Float32Array(map.data.length);
  for (let i = 0; i < angles.length; i++) {
    angles[i] = 0.5 * Math.atan2(-2 * xy.data[i]!, yy.data[i]! - xx.data[i]!);
  }
  return angles;
}

/**
 * Half the difference of the neighbours along x or y; at the border the whole difference to the one there is.
 */
function centralDifference({ width, height, data }: FloatMap, alongX: 0 | 1, alongY: 0 | 1): FloatMap {
  const slope = createFloatMap(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const before = [Math.max(0, x - alongX), Math.max(0, y - alongY)] as const;
      const after = [Math.min(width - 1, x + alongX), Math.min(height - 1, y + alongY)] as const;
      const step = after[0] - before[0] + after[1] - before[1];
      if (step === 0) continue; // A map one pixel wide or high.
      slope.data[y * width + x] =
        (data[after[1] * width + after[0]]! - data[before[1] * width + before[0]]!) / step;
    }
  }
  return slope;
}

/** The map's value between pixels, bilinear; beyond the border the nearest inside. */
function sample({ width, height, data }: FloatMap, x: number, y: number): number {
  const px = Math.min(Math.max(x, 0), width - 1);
  const py = Math.min(Math.max(y, 0), height - 1);
  const x0 = Math.min(Math.floor(px), Math.max(0, width - 2));
  const y0 = Math.min(Math.floor(py), Math.max(0, height - 2));
  const x1 = Math.min(x0 + 1, width - 1);
  const y1 = Math.min(y0 + 1, height - 1);
  const top = data[y0 * width + x0]! * (x0 + 1 - px) + data[y0 * width + x1]! * (px - x0);
  const bottom = data[y1 * width + x0]! * (x0 + 1 - px) + data[y1 * width + x1]! * (px - x0);
  return top * (y0 + 1 - py) + bottom * (py - y0);
}

function fadeBorder({ width, height, data }: FloatMap): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const margin = Math.min(x, y, width - 1 - x, height - 1 - y);
      if (margin < BORDER_PX) data[y * width + x]! *= margin / BORDER_PX;
    }
  }
}
