import type { MaskRuns } from "@segany/masks";
import { longestCell } from "./axis-cells.js";
import { ABOVE_MIDDLE, isSettled, type LogitThresholds } from "./cell-classes.js";
import type { LazyCells } from "./lazy-cells.js";

/**
 * Rows [start, end) of one column of cells: completely outside (0), completely inside (1) or to be read from
 * the strip (2).
 */
interface Segment {
  kind: number;
  end: number;
}

/** A mask's runs straight from cells: settled cells lengthen a run, only open ones are looked at by pixel. */
export function createLazyRuns(lazy: LazyCells): (lowRes: Float32Array, threshold: number) => MaskRuns {
  const { columns, rows } = lazy;
  const height = rows.start[rows.count]!;
  const width = columns.start[columns.count]!;
  const strip = new Uint8Array(longestCell(columns) * height);
  return (lowRes, threshold) => {
    const thresholds: LogitThresholds = { low: threshold, middle: threshold, high: threshold };
    lazy.classify(lowRes, thresholds);
    const runs = { counts: [] as number[], inside: 0, length: 0 };
    const { firstColumn, endColumn } = lazy.window;
    appendRun(runs, 0, columns.start[firstColumn]! * height);
    for (let column = firstColumn; column < endColumn; column++) {
      const segments = segmentColumn(lazy, column, threshold, strip);
      const cellWidth = columns.start[column + 1]! - columns.start[column]!;
      for (let x = 0; x < cellWidth; x++) appendColumn(runs, segments, strip, x * height);
    }
    appendRun(runs, 0, (width - columns.start[endColumn]!) * height);
    runs.counts.push(runs.length);
    return { width, height, counts: Uint32Array.from(runs.counts) };
  };
}

/** The runs so far: `length` pixels of the current run, which are inside (1) or outside (0). */
interface Runs {
  readonly counts: number[];
  inside: number;
  length: number;
}

function segmentColumn(lazy: LazyCells, column: number, threshold: number, strip: Uint8Array): Segment[] {
  const { columns, rows, tile } = lazy;
  const { firstRow, endRow } = lazy.window;
  const height = rows.start[rows.count]!;
  const width = columns.start[column + 1]! - columns.start[column]!;
  let last: Segment = { kind: 0, end: rows.start[firstRow]! };
  const segments = [last];
  for (let row = firstRow; row < endRow; row++) {
    const bits = lazy.cellBits(column, row);
    const y0 = rows.start[row]!;
    const y1 = rows.start[row + 1]!;
    let kind = 2;
    if (isSettled(bits)) kind = (bits & ABOVE_MIDDLE) === 0 ? 0 : 1;
    if (kind === 2) {
      lazy.computeCell(column, row);
      for (let x = 0; x < width; x++) {
        for (let y = y0; y < y1; y++) strip[x * height + y] = tile[(y - y0) * width + x]! > threshold ? 1 : 0;
      }
    }
    if (last.kind !== kind) {
      last = { kind, end: y1 };
      segments.push(last);
    }
    last.end = y1;
  }
  segments.push({ kind: 0, end: height });
  return segments;
}

function appendColumn(runs: Runs, segments: readonly Segment[], strip: Uint8Array, offset: number): void {
  let y = 0;
  for (const { kind, end } of segments) {
    if (kind !== 2) appendRun(runs, kind, end - y);
    else for (let at = offset + y; at < offset + end; at++) appendRun(runs, strip[at]!, 1);
    y = end;
  }
}

function appendRun(runs: Runs, inside: number, length: number): void {
  if (length === 0) return;
  if (inside !== runs.inside) {
    runs.counts.push(runs.length);
    runs.inside = inside;
    runs.length = 0;
  }
  runs.length += length;
}
