import type { ComposedTaps } from "./interpolation.js";

/** Cells along one axis: adjacent output positions that read the same three inputs. */
export interface AxisCells {
  readonly count: number;
  /** First of the three low-res positions of each cell, ascending. */
  readonly base: Int32Array;
  /** First output position of each cell, and the end of the last. */
  readonly start: Int32Array;
}

/** Groups output positions by their inputs. */
export function groupIntoCells(taps: ComposedTaps): AxisCells {
  const starts: number[] = [];
  for (let i = 0; i < taps.base.length; i++) {
    if (i === 0 || taps.base[i] !== taps.base[i - 1]) starts.push(i);
  }
  const base = Int32Array.from(starts, (start) => taps.base[start]!);
  return { count: base.length, base, start: Int32Array.from([...starts, taps.base.length]) };
}

/** Output positions of the longest cell. */
export function longestCell(cells: AxisCells): number {
  let longest = 0;
  for (let i = 0; i < cells.count; i++) longest = Math.max(longest, cells.start[i + 1]! - cells.start[i]!);
  return longest;
}
