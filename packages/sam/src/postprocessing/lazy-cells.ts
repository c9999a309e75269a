import { type AxisCells, groupIntoCells, longestCell } from "./axis-cells.js";
import { createCellClasses, type LogitThresholds } from "./cell-classes.js";
import type { ComposedTaps } from "./interpolation.js";
import type { PlainUpscaler } from "./plain-upscaling.js";

/** Columns and rows of cells; the ends are not inside. */
export interface CellWindow {
  firstColumn: number;
  endColumn: number;
  firstRow: number;
  endRow: number;
}

/** Decides cells by the extremes of what they read, and computes only the pixels of those that stay open. */
export interface LazyCells {
  readonly columns: AxisCells;
  readonly rows: AxisCells;
  /** Pixels of the last computed cell, row-major within the cell, in logits. */
  readonly tile: Float64Array;
  /** Takes up a new map; the other functions speak of it until the next call. */
  classify(lowRes: Float32Array, thresholds: LogitThresholds): void;
  /** Cells outside of it have no pixel above the low threshold. */
  readonly window: Readonly<CellWindow>;
  /** The bits that all cells of one row of cells share. */
  rowBits(row: number): number;
  /** The bits of one cell. */
  cellBits(column: number, row: number): number;
  /** Computes the tile. Each value is on the same side of every threshold as in the plain path. */
  computeCell(column: number, row: number): void;
}

/**
 * Bound on |composed - plain| relative to the greatest input: four float32 roundings (2.4e-7), with a margin
 * of four.
 */
const COMPOSED_ERROR = 1e-6;

/**
 * Prepares lazy evaluation for one image; `plain` decides pixels too near to a threshold for the composed
 * operator.
 */
export function createLazyCells(
  lowResSize: number,
  columnTaps: ComposedTaps,
  rowTaps: ComposedTaps,
  plain: PlainUpscaler,
): LazyCells {
  const columns = groupIntoCells(columnTaps);
  const rows = groupIntoCells(rowTaps);
  const tile = new Float64Array(longestCell(columns) * longestCell(rows));
  const readWidth = columns.base[columns.count - 1]! + 3;
  const readHeight = rows.base[rows.count - 1]! + 3;
  const classes = createCellClasses(lowResSize, readWidth, readHeight);
  let lowRes: Float32Array = new Float32Array(0);
  let thresholds: LogitThresholds = { low: 0, middle: 0, high: 0 };

  function computeCell(column: number, row: number): void {
    const { low, middle, high } = thresholds;
    const x0 = columns.start[column]!;
    const x1 = columns.start[column + 1]!;
    const y0 = rows.start[row]!;
    const y1 = rows.start[row + 1]!;
    const upper = rows.base[row]! * lowResSize + columns.base[column]!;
    const centre = upper + lowResSize;
    const lower = centre + lowResSize;
    const width = x1 - x0;
    const error = COMPOSED_ERROR * greatestOfThree(lowRes, upper, centre, lower);
    const columnWeights = columnTaps.weights;
    const rowWeights = rowTaps.weights;
    for (let x = x0; x < x1; x++) {
      const w0 = columnWeights[3 * x]!;
      const w1 = columnWeights[3 * x + 1]!;
      const w2 = columnWeights[3 * x + 2]!;
      const a = w0 * lowRes[upper]! + w1 * lowRes[upper + 1]! + w2 * lowRes[upper + 2]!;
      const b = w0 * lowRes[centre]! + w1 * lowRes[centre + 1]! + w2 * lowRes[centre + 2]!;
      const c = w0 * lowRes[lower]! + w1 * lowRes[lower + 1]! + w2 * lowRes[lower + 2]!;
      for (let y = y0; y < y1; y++) {
        let value = rowWeights[3 * y]! * a + rowWeights[3 * y + 1]! * b + rowWeights[3 * y + 2]! * c;
        const near =
          Math.abs(value - middle) <= error ||
          Math.abs(value - low) <= error ||
          Math.abs(value - high) <= error;
        if (near) value = plain.valueAt(lowRes, x, y);
        tile[(y - y0) * width + x - x0] = value;
      }
    }
  }

  const window: CellWindow = { firstColumn: 0, endColumn: 0, firstRow: 0, endRow: 0 };

  return {
    columns,
    rows,
    tile,
    window,
    computeCell,
    classify(map, wanted) {
      lowRes = map;
      thresholds = wanted;
      classes.classify(map, wanted);
      const { x0, y0, x1, y1 } = classes.extent;
      window.endColumn = firstFrom(columns, x1 + 1);
      window.endRow = firstFrom(rows, y1 + 1);
      window.firstColumn = Math.min(firstFrom(columns, x0), window.endColumn);
      window.firstRow = Math.min(firstFrom(rows, y0), window.endRow);
    },
    rowBits: (row) => classes.rowBits(rows.base[row]!),
    cellBits: (column, row) => classes.cellBits(columns.base[column]!, rows.base[row]!),
  };
}

/** Greatest absolute logit of a 3x3 neighbourhood, given the offsets of its rows. */
function greatestOfThree(lowRes: Float32Array, upper: number, centre: number, lower: number): number {
  let greatest = 0;
  for (let i = 0; i < 3; i++) {
    const a = Math.abs(lowRes[upper + i]!);
    const b = Math.abs(lowRes[centre + i]!);
    const c = Math.abs(lowRes[lower + i]!);
    greatest = Math.max(greatest, a, b, c);
  }
  return greatest;
}

/** The first cell that reads from a low-res position or a later one. */
function firstFrom({ base, count }: AxisCells, position: number): number {
  let cell = 0;
  while (cell < count && base[cell]! < position) cell++;
  return cell;
}
