import { labelRowRuns } from "./row-runs.js";
import { traceRing } from "./trace-ring.js";
import type { Mask } from "./types.js";

/** A closed line as x0, y0, x1, y1, … in pixels, pixel (x, y) covering [x, x + 1] x [y, y + 1]; the first point is not repeated. */
export type Ring = readonly number[];

/** One region of a mask: its outline and the holes in it. */
export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/**
 * Traces a mask along its pixels' edges, so that filling the rings gives back exactly the mask. A polygon for each
 * region of pixels that hang together by sides, in the order of their first pixels; seen with y downwards outlines run
 * clockwise and holes anticlockwise. A ring may touch itself or another at a corner and never crosses.
 */
export function maskToPolygons(
  mask: Mask,
  {
    simplify = true,
  }: {
    /** Leaves out points on straight lines; false keeps a point at every pixel corner. */ readonly simplify?: boolean;
  } = {},
): Polygon[] {
  const runs = labelRowRuns(mask, 4);
  const polygons = Array.from({ length: runs.areasPx.length - 1 }, () => ({
    outer: [] as number[],
    holes: [] as number[][],
  }));
  const { width, height, data } = mask;
  // One flag for each horizontal pixel edge, (height + 1) x width: whether a ring has passed it.
  const passed = new Uint8Array((height + 1) * width);
  // A ring is met first at its topmost edge: an outline above an inside pixel, a hole below one.
  for (let y = 0; y < height; y++) {
    for (let run = runs.rowStarts[y]!; run < runs.rowStarts[y + 1]!; run++) {
      const polygon = polygons[runs.labels[run]! - 1]!;
      const rowStart = y * width;
      if (polygon.outer.length === 0) {
        polygon.outer = traceRing(mask, [runs.starts[run]!, y], "east", passed, simplify);
      }
      for (let x = runs.starts[run]!; x < runs.ends[run]!; x++) {
        const below = rowStart + width + x;
        if (passed[below] === 0 && y + 1 < height && data[below] === 0) {
          polygon.holes.push(traceRing(mask, [x + 1, y + 1], "west", passed, simplify));
        }
      }
    }
  }
  return polygons;
}
