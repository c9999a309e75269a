import type { ColumnRuns } from "./column-runs.js";

/** How pixels hang together: by their sides, or by sides and corners. */
export type Connectivity = 4 | 8;

/**
 * The connected regions of a mask by its column runs, which take far less room than a label for each pixel.
 */
export interface RunLabels {
  /** The region of each run, 1..count. */
  readonly labels: Uint32Array;
  /** Pixels of each region; index 0, the background, stays 0. */
  readonly areasPx: Uint32Array;
}

/**
 * Finds the connected regions: runs of each column are joined with those they touch in the column before
 * (union-find), then numbered as OpenCV's `connectedComponents` numbers them: by their first pixel in row
 * order, and with 8 neighbours by their first block of 2x2 pixels, because OpenCV scans in such blocks.
 *
 * @param width of the image, pixels
 */
export function labelRuns(runs: ColumnRuns, connectivity: Connectivity, width: number): RunLabels {
  const roots = rootsOf(runs, connectivity === 8 ? 1 : 0);
  const isRoot = roots.filter((root, run) => root === run);
  const orders = lowestOrders(runs, roots, orderIn(connectivity, width));
  isRoot.sort((a, b) => orders[a]! - orders[b]!);
  const numbers = new Uint32Array(roots.length);
  for (let i = 0; i < isRoot.length; i++) numbers[isRoot[i]!] = i + 1;
  const labels = roots.map((root) => numbers[root]!);
  const areasPx = new Uint32Array(isRoot.length + 1);
  for (let run = 0; run < labels.length; run++) {
    areasPx[labels[run]!]! += runs.bottoms[run]! - runs.tops[run]!;
  }
  return { labels, areasPx };
}

/**
 * For each run the first one of its region. @param reach rows further that a run touches: 1 where corners
 * count
 */
function rootsOf({ starts, tops, bottoms }: ColumnRuns, reach: 0 | 1): Uint32Array {
  const parents = Uint32Array.from(tops, (_, run) => run);
  for (let column = 1; column + 1 < starts.length; column++) {
    let before = starts[column - 1]!;
    const beforeEnd = starts[column]!;
    for (let run = beforeEnd; run < starts[column + 1]!; run++) {
      while (before < beforeEnd && bottoms[before]! + reach <= tops[run]!) before++;
      // The last run that touches may touch the next run too, so `before` stays on it.
      for (let other = before; other < beforeEnd && tops[other]! < bottoms[run]! + reach; other++) {
        join(parents, other, run);
      }
    }
  }
  for (let run = 0; run < parents.length; run++) parents[run] = findRoot(parents, run);
  return parents;
}

function join(parents: Uint32Array, a: number, b: number): void {
  const rootA = findRoot(parents, a);
  const rootB = findRoot(parents, b);
  // The earlier run stays the root, so a region's root is its first run.
  if (rootA < rootB) parents[rootB] = rootA;
  else parents[rootA] = rootB;
}

function findRoot(parents: Uint32Array, run: number): number {
  while (parents[run] !== run) {
    parents[run] = parents[parents[run]!]!;
    run = parents[run]!;
  }
  return run;
}

/** A number for the place of a run's first pixel; a region is numbered by the lowest of its runs. */
function orderIn(connectivity: Connectivity, width: number): (x: number, y: number) => number {
  if (connectivity === 4) return (x, y) => y * width + x;
  const blocksPerRow = Math.ceil(width / 2);
  return (x, y) => (y >> 1) * blocksPerRow + (x >> 1);
}

/** For each root the lowest order of its region's runs. */
function lowestOrders(
  { left, starts, tops }: ColumnRuns,
  roots: Uint32Array,
  orderOf: (x: number, y: number) => number,
): Uint32Array {
  const orders = new Uint32Array(roots.length).fill(0xffffffff);
  for (let column = 0; column + 1 < starts.length; column++) {
    for (let run = starts[column]!; run < starts[column + 1]!; run++) {
      const order = orderOf(left + column, tops[run]!);
      const root = roots[run]!;
      if (order < orders[root]!) orders[root] = order;
    }
  }
  return orders;
}
