/** Windows as lists of rows: where a row of one order is found in the other. */
import type { GraphBuilder, Value } from "@segany/graph";
import { windowsPerSide } from "../window-partition.js";

/** {@link windowPlaces} as indices for `gather`, int32. */
export function windowIndices(g: GraphBuilder, grid: number, window: number): Value {
  return sharedIndices(g, `windows of ${window} in ${grid}`, () => windowPlaces(grid, window));
}

/** {@link gridPlaces} as indices for `gather`, int32. */
export function gridIndices(g: GraphBuilder, grid: number, window: number): Value {
  return sharedIndices(g, `${grid} of windows of ${window}`, () => gridPlaces(grid, window));
}

function sharedIndices(g: GraphBuilder, key: string, places: () => readonly number[]): Value {
  return g.sharedConstant(key, () => {
    const data = Int32Array.from(places());
    return { data, shape: [data.length] };
  });
}

/**
 * For every token of every window in turn, its row in the row-major grid; grid² (one row beyond the last)
 * where the window reaches beyond the grid.
 */
export function windowPlaces(grid: number, window: number): number[] {
  const count = windowsPerSide(grid, window);
  return Array.from({ length: (count * window) ** 2 }, (_, i) => {
    const [cell, token] = [Math.floor(i / window ** 2), i % window ** 2];
    const row = Math.floor(cell / count) * window + Math.floor(token / window);
    const column = (cell % count) * window + (token % window);
    return row < grid && column < grid ? row * grid + column : grid * grid;
  });
}

/**
 * For every token of the row-major grid, its place in the windows' order: the reverse of
 * {@link windowPlaces}.
 */
export function gridPlaces(grid: number, window: number): number[] {
  const count = windowsPerSide(grid, window);
  return Array.from({ length: grid * grid }, (_, i) => {
    const [row, column] = [Math.floor(i / grid), i % grid];
    const cell = Math.floor(row / window) * count + Math.floor(column / window);
    return cell * window ** 2 + (row % window) * window + (column % window);
  });
}
