import { checkMask } from "./mask.js";
import type { Mask } from "./types.js";

/** How pixels hang together: by their sides, or by sides and corners. */
export type Connectivity = 4 | 8;

/** Connected regions of a mask as horizontal runs, which take far less room than a label for each pixel. */
export interface LabelledRuns {
  /** For each row the index of its first run; one more entry at the end. */
  readonly rowStarts: Uint32Array;
  /** First column of each run. */
  readonly starts: Uint32Array;
  /** One past the last column of each run. */
  readonly ends: Uint32Array;
  /** The region of each run, 1..count. */
  readonly labels: Uint32Array;
  /** Pixels of each region; index 0, the background, stays 0. */
  readonly areasPx: Uint32Array;
}

/** Runs of each row, those of one row sorted and apart. Columns taken for rows are those of the mask turned over its diagonal. */
export interface RowRuns {
  readonly rowStarts: Uint32Array;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Finds the connected regions of the pixels of one value: runs of each row are joined with those they touch in the row
 * above (union-find), then numbered as OpenCV's `connectedComponents` numbers them: by their first pixel in row order,
 * and with 8 neighbours by their first block of 2x2 pixels, because OpenCV scans in such blocks.
 *
 * @param value 1 for the regions of the mask, 0 for those of the rest
 */
export function labelRowRuns(mask: Mask, connectivity: Connectivity, value: 0 | 1 = 1): LabelledRuns {
  checkMask(mask);
  const runs = findRowRuns(mask, value);
  const blocksPerRow = Math.ceil(mask.width / 2);
  const blockOf = (y: number, x: number): number => (y >> 1) * blocksPerRow + (x >> 1);
  return labelRuns(runs, connectivity, connectivity === 8 ? blockOf : null);
}

/**
 * The same from runs.
 *
 * @param orderOf a number for the place (row, first column) of a run: regions are numbered by the lowest of their runs; null:
 *   by their first run
 */
export function labelRuns(
  runs: RowRuns,
  connectivity: Connectivity,
  orderOf: ((row: number, start: number) => number) | null,
): LabelledRuns {
  const parents = joinRuns(runs, connectivity === 8 ? 1 : 0);
  return { ...runs, ...numberRegions(runs, parents, orderOf) };
}

function findRowRuns({ width, height, data }: Mask, value: 0 | 1): RowRuns {
  const rowStarts = new Uint32Array(height + 1);
  let starts = new Uint32Array(1024);
  let ends = new Uint32Array(1024);
  let count = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const rowEnd = row + width;
    rowStarts[y] = count;
    if (count + width > starts.length) {
      starts = enlarged(starts, count + width);
      ends = enlarged(ends, count + width);
    }
    for (let i = row; i < rowEnd; i++) {
      if (data[i] !== value) continue;
      starts[count] = i - row;
      while (i < rowEnd && data[i] === value) i++;
      ends[count++] = i - row;
    }
  }
  rowStarts[height] = count;
  return { rowStarts, starts: starts.slice(0, count), ends: ends.slice(0, count) };
}

function enlarged(list: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(needed, 2 * list.length));
  larger.set(list);
  return larger;
}

/** @param reach how many columns further a run touches the row above: 1 where corners count */
function joinRuns({ rowStarts, starts, ends }: RowRuns, reach: 0 | 1): Uint32Array {
  const parents = Uint32Array.from(starts, (_, run) => run);
  for (let y = 1; y + 1 < rowStarts.length; y++) {
    let above = rowStarts[y - 1]!;
    const aboveEnd = rowStarts[y]!;
    for (let run = aboveEnd; run < rowStarts[y + 1]!; run++) {
      while (above < aboveEnd && ends[above]! + reach <= starts[run]!) above++;
      // The last run that touches may touch the next run too, so `above` stays on it.
      for (let other = above; other < aboveEnd && starts[other]! < ends[run]! + reach; other++) {
        join(parents, other, run);
      }
    }
  }
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

function numberRegions(
  runs: RowRuns,
  parents: Uint32Array,
  orderOf: ((row: number, start: number) => number) | null,
): { labels: Uint32Array; areasPx: Uint32Array } {
  for (let run = 0; run < parents.length; run++) parents[run] = findRoot(parents, run);
  const roots = parents.filter((root, run) => root === run);
  if (orderOf) {
    const orders = lowestOrders(runs, parents, orderOf);
    roots.sort((a, b) => orders[a]! - orders[b]!);
  }
  const numbers = new Uint32Array(parents.length);
  for (let i = 0; i < roots.length; i++) numbers[roots[i]!] = i + 1;
  const labels = parents.map((root) => numbers[root]!);
  const areasPx = new Uint32Array(roots.length + 1);
  for (let run = 0; run < labels.length; run++) {
    areasPx[labels[run]!]! += runs.ends[run]! - runs.starts[run]!;
  }
  return { labels, areasPx };
}

/** For each root the lowest order of its region's runs. */
function lowestOrders(
  { rowStarts, starts }: RowRuns,
  roots: Uint32Array,
  orderOf: (row: number, start: number) => number,
): Uint32Array {
  const orders = new Uint32Array(roots.length).fill(0xffffffff);
  for (let y = 0; y + 1 < rowStarts.length; y++) {
    for (let run = rowStarts[y]!; run < rowStarts[y + 1]!; run++) {
      const order = orderOf(y, starts[run]!);
      const root = roots[run]!;
      if (order < orders[root]!) orders[root] = order;
    }
  }
  return orders;
}
