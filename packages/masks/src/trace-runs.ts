import { type ColumnRuns, runAtOrAbove } from "./column-runs.js";

/**
 * A closed line as x0, y0, x1, y1, … in pixels, pixel (x, y) covering [x, x + 1] x [y, y + 1]; the first
 * point is not repeated.
 */
export type Ring = readonly number[];

/** A ring, and one of the runs it goes over the top of. */
export interface TracedRing {
  readonly ring: Ring;
  readonly run: number;
}

/** A step along an outline: over the top of a run to the right, or under its bottom to the left. */
interface Edge {
  readonly run: number;
  /** Column of the run, counted from `left`. */
  readonly column: number;
  readonly heading: "east" | "west";
}

/**
 * Traces a mask along its pixels' edges, the inside on the right: outlines clockwise (y downwards), holes
 * anticlockwise, in the order of their first columns, corners only where they turn. The work is by the length
 * of the outlines. Where two inside pixels meet only at a corner a ring stays with the one it was following.
 *
 * @example
 * const [outline] = traceRuns(columnRunsOf(maskToRuns(mask)));
 * console.log(outline?.ring.join(" ")); // 3 0 3 3 0 3 0 0
 */
export function traceRuns(runs: ColumnRuns): TracedRing[] {
  const passed = new Uint8Array(runs.tops.length);
  const rings: TracedRing[] = [];
  for (let column = 0; column + 1 < runs.starts.length; column++) {
    for (let run = runs.starts[column]!; run < runs.starts[column + 1]!; run++) {
      // Every ring, be it of a hole, goes over the top of some run.
      if (passed[run] !== 0) continue;
      rings.push({ ring: traceFrom(runs, { run, column, heading: "east" }, passed), run });
    }
  }
  return rings;
}

function traceFrom(runs: ColumnRuns, first: Edge, passed: Uint8Array): number[] {
  const ring: number[] = [];
  let edge = first;
  do {
    if (edge.heading === "east") passed[edge.run] = 1;
    edge = edge.heading === "east" ? afterTop(runs, edge, ring) : afterBottom(runs, edge, ring);
  } while (edge.run !== first.run || edge.heading !== first.heading);
  return ring;
}

/** Goes on from the upper right corner of a run; adds the corners at which the outline turns. */
function afterTop(runs: ColumnRuns, { run, column }: Edge, ring: number[]): Edge {
  const { left, starts, tops, bottoms } = runs;
  const next = column + 1;
  const x = left + next;
  const y = tops[run]!;
  const beside = runAtOrAbove(runs, next, y);
  if (beside >= 0 && bottoms[beside]! > y) {
    if (tops[beside] === y) return { run: beside, column: next, heading: "east" };
    ring.push(x, y);
    const above = run > starts[column]! ? run - 1 : -1;
    if (above >= 0 && bottoms[above]! > tops[beside]!) {
      ring.push(x, bottoms[above]!);
      return { run: above, column, heading: "west" };
    }
    ring.push(x, tops[beside]!);
    return { run: beside, column: next, heading: "east" };
  }
  ring.push(x, y);
  const below = beside >= 0 ? beside + 1 : (starts[next] ?? 0);
  if (below < (starts[next + 1] ?? 0) && tops[below]! < bottoms[run]!) {
    ring.push(x, tops[below]!);
    return { run: below, column: next, heading: "east" };
  }
  ring.push(x, bottoms[run]!);
  return { run, column, heading: "west" };
}

/** Goes on from the lower left corner of a run: `afterTop` turned by half a circle. */
function afterBottom(runs: ColumnRuns, { run, column }: Edge, ring: number[]): Edge {
  const { left, starts, tops, bottoms } = runs;
  const next = column - 1;
  const x = left + column;
  const y = bottoms[run]!;
  const beside = runAtOrAbove(runs, next, y - 1);
  if (beside >= 0 && bottoms[beside]! >= y) {
    if (bottoms[beside] === y) return { run: beside, column: next, heading: "west" };
    ring.push(x, y);
    const below = run + 1 < starts[column + 1]! ? run + 1 : -1;
    if (below >= 0 && tops[below]! < bottoms[beside]!) {
      ring.push(x, tops[below]!);
      return { run: below, column, heading: "east" };
    }
    ring.push(x, bottoms[beside]!);
    return { run: beside, column: next, heading: "west" };
  }
  ring.push(x, y);
  if (beside >= 0 && bottoms[beside]! > tops[run]!) {
    ring.push(x, bottoms[beside]!);
    return { run: beside, column: next, heading: "west" };
  }
  ring.push(x, tops[run]!);
  return { run, column, heading: "east" };
}
