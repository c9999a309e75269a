import { type InclusiveBoxXyxy, inclusiveBox } from "@segany/masks";
import { ABOVE_MIDDLE, BELOW_LOW, isSettled } from "./cell-classes.js";
import type { LazyCells } from "./lazy-cells.js";

/** Extent of the mask in one cell: first and last column and row, in the image. */
interface Extent {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/**
 * Computes the box of a mask (`batched_mask_to_box` of Meta's repository) from its four sides inwards,
 * without reading the interior: a fifth of the work of all statistics.
 */
export function createMaskBox(
  lazy: LazyCells,
): (lowRes: Float32Array, threshold: number) => InclusiveBoxXyxy {
  const { columns, rows } = lazy;
  const cell: Extent = { x0: 0, y0: 0, x1: 0, y1: 0 };

  /** The extreme of one side over a row of cells; undefined if the row has no pixel of the mask. */
  function alongRow(row: number, side: "y0" | "y1", threshold: number): number | undefined {
    if (lazy.rowBits(row) & BELOW_LOW) return undefined;
    const goal = side === "y0" ? rows.start[row] : rows.start[row + 1]! - 1;
    let best: number | undefined;
    const { firstColumn, endColumn } = lazy.window;
    for (let column = firstColumn; column < endColumn && best !== goal; column++) {
      if (readExtent(lazy, column, row, threshold, cell)) best = outer(best, cell[side], side === "y0");
    }
    return best;
  }

  function alongColumn(column: number, side: "x0" | "x1", from: number, to: number, threshold: number) {
    const goal = side === "x0" ? columns.start[column] : columns.start[column + 1]! - 1;
    let best: number | undefined;
    for (let row = from; row <= to && best !== goal; row++) {
      if (readExtent(lazy, column, row, threshold, cell)) best = outer(best, cell[side], side === "x0");
    }
    return best;
  }

  return (lowRes, threshold) => {
    lazy.classify(lowRes, { low: threshold, middle: threshold, high: threshold });
    const { firstColumn, endColumn, firstRow, endRow } = lazy.window;
    const top = search(firstRow, endRow, 1, (row) => alongRow(row, "y0", threshold));
    if (!top) return inclusiveBox([0, 0, 0, 0]);
    const bottom = search(endRow - 1, firstRow - 1, -1, (row) => alongRow(row, "y1", threshold))!;
    const inRows = (side: "x0" | "x1") => (column: number) =>
      alongColumn(column, side, top.line, bottom.line, threshold);
    const left = search(firstColumn, endColumn, 1, inRows("x0"))!;
    const right = search(endColumn - 1, firstColumn - 1, -1, inRows("x1"))!;
    return inclusiveBox([left.at, top.at, right.at, bottom.at]);
  };
}

/** The first line of cells, in the given order, that has a pixel of the mask. */
function search(
  from: number,
  end: number,
  step: 1 | -1,
  read: (line: number) => number | undefined,
): { readonly line: number; readonly at: number } | undefined {
  for (let line = from; line !== end; line += step) {
    const at = read(line);
    if (at !== undefined) return { line, at };
  }
  return undefined;
}

function outer(best: number | undefined, value: number, isFirst: boolean): number {
  if (best === undefined) return value;
  return isFirst ? Math.min(best, value) : Math.max(best, value);
}

/** Reads the extent of the mask in one cell; false if there is none. */
function readExtent(lazy: LazyCells, column: number, row: number, threshold: number, into: Extent): boolean {
  const bits = lazy.cellBits(column, row);
  if (bits & BELOW_LOW) return false;
  const x0 = lazy.columns.start[column]!;
  const x1 = lazy.columns.start[column + 1]!;
  const y0 = lazy.rows.start[row]!;
  const y1 = lazy.rows.start[row + 1]!;
  if (isSettled(bits) && bits & ABOVE_MIDDLE) {
    set(into, x0, y0, x1 - 1, y1 - 1);
    return true;
  }
  lazy.computeCell(column, row);
  set(into, Infinity, Infinity, -1, -1);
  let at = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (!(lazy.tile[at++]! > threshold)) continue;
      if (x < into.x0) into.x0 = x;
      if (x > into.x1) into.x1 = x;
      if (y < into.y0) into.y0 = y;
      into.y1 = y;
    }
  }
  return into.y1 >= 0;
}

function set(extent: Extent, x0: number, y0: number, x1: number, y1: number): void {
  extent.x0 = x0;
  extent.y0 = y0;
  extent.x1 = x1;
  extent.y1 = y1;
}
