import type { Mask, Size } from "@segany/masks";
import { assignSparse } from "../metrics/sparse-assignment.js";

/** Distances are compared in hundredths of a pixel, which keeps sums of costs exact. */
const COST_UNITS_PER_PX = 100;
/**
 * A pixel without a partner costs this many times the greatest distance allowed, so that as many as possible
 * have one.
 */
const OUTLIER_FACTOR = 100;

/** An annotator's boundary map, prepared to be matched with any number of edge maps of the image. */
export interface BoundaryMatcher {
  /** Boundary pixels of the annotator. */
  readonly boundaryCount: number;
  /**
   * Matches edge pixels with boundary pixels one to one.
   *
   * @param edgePixels indices of the edge pixels, row-major
   * @returns for each edge pixel 1 if it has a partner, else 0
   */
  match(edgePixels: Int32Array): Uint8Array;
}

/** How far apart partners may be, as a share of the image's diagonal: the Berkeley benchmark's tolerance. */
export const MAX_DISTANCE_SHARE = 0.0075;

/**
 * Prepares the correspondence of the Berkeley benchmark (Martin, Fowlkes and Malik 2004, appendix B): the
 * one-to-one assignment of edge to boundary pixels with the least total distance, where a pixel of either
 * side without a partner costs 100 times the greatest distance. The assignment is exact here.
 *
 * @example
 * const boundaries = { width: 3, height: 1, data: Uint8Array.of(0, 1, 0) };
 * console.log(createBoundaryMatcher(boundaries).match(Int32Array.of(1, 2))); // Uint8Array(2) [ 1, 0 ]
 */
export function createBoundaryMatcher(
  boundaries: Mask,
  maxDistanceShare = MAX_DISTANCE_SHARE,
): BoundaryMatcher {
  const { width, height, data } = boundaries;
  const maxDistancePx = maxDistanceShare * Math.hypot(width, height);
  const neighbours = neighbourOffsets(maxDistancePx);
  const columnAt = new Int32Array(data.length).fill(-1);
  let boundaryCount = 0;
  data.forEach((value, i) => {
    if (value !== 0) columnAt[i] = boundaryCount++;
  });
  const edges = createEdgeLists(columnAt, { width, height }, neighbours);
  // An edge pixel without a partner leaves a boundary pixel without one too.
  const unassignedCost = Math.round(2 * OUTLIER_FACTOR * maxDistancePx * COST_UNITS_PER_PX);
  return {
    boundaryCount,
    match(edgePixels) {
      const firstEdge = new Int32Array(edgePixels.length);
      const lastEdge = new Int32Array(edgePixels.length);
      edgePixels.forEach((pixel, row) => {
        [firstEdge[row], lastEdge[row]] = edges.rangeOf(pixel);
      });
      const { columns, costs } = edges.lists();
      const graph = { columnCount: boundaryCount, firstEdge, lastEdge, columns, costs };
      return Uint8Array.from(assignSparse(graph, unassignedCost), (column) => (column === -1 ? 0 : 1));
    },
  };
}

interface Neighbour {
  readonly dx: number;
  readonly dy: number;
  readonly cost: number;
}

/** Nearest first, so that the first candidates of a pixel are its best. */
function neighbourOffsets(maxDistancePx: number): Neighbour[] {
  const reach = Math.floor(maxDistancePx);
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  return steps
    .flatMap((dy) => steps.map((dx) => ({ dx, dy, distance: Math.hypot(dx, dy) })))
    .filter(({ distance }) => distance <= maxDistancePx)
    .sort((a, b) => a.distance - b.distance)
    .map(({ dx, dy, distance }) => ({ dx, dy, cost: Math.round(distance * COST_UNITS_PER_PX) }));
}

/**
 * Boundary pixels near each pixel, listed when first asked for: edge maps of one image share most of their
 * pixels.
 */
function createEdgeLists(
  columnAt: Int32Array,
  { width, height }: Size,
  neighbours: readonly Neighbour[],
): {
  rangeOf(pixel: number): readonly [first: number, last: number];
  lists(): { readonly columns: Int32Array; readonly costs: Int32Array };
} {
  const first = new Int32Array(columnAt.length).fill(-1);
  const last = new Int32Array(columnAt.length);
  let columns = new Int32Array(1 << 14);
  let costs = new Int32Array(1 << 14);
  let count = 0;
  const grow = (): void => {
    const wider = new Int32Array(2 * columns.length);
    wider.set(columns);
    columns = wider;
    const dearer = new Int32Array(2 * costs.length);
    dearer.set(costs);
    costs = dearer;
  };
  const list = (pixel: number): void => {
    if (count + neighbours.length > columns.length) grow();
    first[pixel] = count;
    const y = Math.floor(pixel / width);
    const x = pixel - y * width;
    for (const { dx, dy, cost } of neighbours) {
      if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
      const column = columnAt[pixel + dy * width + dx]!;
      if (column === -1) continue;
      columns[count] = column;
      costs[count++] = cost;
    }
    last[pixel] = count;
  };
  return {
    rangeOf(pixel) {
      if (first[pixel] === -1) list(pixel);
      return [first[pixel]!, last[pixel]!];
    },
    lists: () => ({ columns, costs }),
  };
}
