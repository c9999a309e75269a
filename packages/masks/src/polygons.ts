import { columnRunsOf } from "./column-runs.js";
import { maskToRuns } from "./dense-runs.js";
import { labelRuns } from "./run-labels.js";
import { type Ring, traceRuns } from "./trace-runs.js";
import type { Mask, MaskRuns } from "./types.js";

/** One region of a mask: its outline and the holes in it. */
export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/** How finely outlines are given. */
export interface PolygonOptions {
  /** Leaves out points on straight lines; false keeps a point at every pixel corner. Default true. */
  readonly simplify?: boolean;
}

/**
 * Traces a mask along its pixels' edges, so that filling the rings gives back exactly the mask. A polygon for
 * each region of pixels that hang together by sides, in the order of their first pixels; seen with y
 * downwards outlines run clockwise and holes anticlockwise. A ring may touch itself or another at a corner
 * and never crosses.
 *
 * @example
 * const [ring] = maskToPolygons(mask);
 * console.log(ring?.outer.length, ring?.holes.length); // 8 1
 */
export function maskToPolygons(mask: Mask, options: PolygonOptions = {}): Polygon[] {
  return runsToPolygons(maskToRuns(mask), options);
}

/**
 * `maskToPolygons` of a mask in memory.
 *
 * @example
 * console.log(runsToPolygons(maskToRuns(mask)).length); // 2
 */
export function runsToPolygons(mask: MaskRuns, { simplify = true }: PolygonOptions = {}): Polygon[] {
  const columns = columnRunsOf(mask);
  const { labels, areasPx } = labelRuns(columns, 4, mask.width);
  const polygons = Array.from({ length: areasPx.length - 1 }, () => ({
    outer: [] as Ring,
    holes: [] as Ring[],
  }));
  for (const { ring, run } of traceRuns(columns)) {
    const polygon = polygons[labels[run]! - 1]!;
    const points = simplify ? fromTopLeft(ring) : everyCorner(fromTopLeft(ring));
    // A region's outline is met before its holes, which don't reach its first column.
    if (polygon.outer.length === 0) polygon.outer = [...points.slice(2), ...points.slice(0, 2)];
    else polygon.holes.push(points);
  }
  for (const { holes } of polygons) holes.sort((a, b) => a[1]! - b[1]! || a[0]! - b[0]!);
  return polygons;
}

/** The same ring from its highest corner on, of several the leftmost. */
function fromTopLeft(ring: Ring): number[] {
  let first = 0;
  for (let i = 2; i < ring.length; i += 2) {
    const isHigher = ring[i + 1]! < ring[first + 1]!;
    if (isHigher || (ring[i + 1] === ring[first + 1] && ring[i]! < ring[first]!)) first = i;
  }
  return [...ring.slice(first), ...ring.slice(0, first)];
}

/** The same ring with a point at each pixel corner that it passes. */
function everyCorner(ring: Ring): number[] {
  const points: number[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    const [stepX, stepY] = [Math.sign(ring[next]! - ring[i]!), Math.sign(ring[next + 1]! - ring[i + 1]!)];
    for (let x = ring[i]!, y = ring[i + 1]!; x !== ring[next] || y !== ring[next + 1]; x += stepX, y += stepY)
      points.push(x, y);
  }
  return points;
}
