/** Windows as lists of rows: where a row of one order is found in the other. */
import { windowsPerSide } from "../window-partition.js";

/**
 * For every token of every window in turn, its row in the row-major grid; grid² (one row beyond the last) where the
 * window reaches beyond the grid.
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

/** For every token of the row-major grid, its place in the windows' order: the reverse of {@link windowPlaces}. */
export function gridPlaces(grid: number, window: number): number[] {
  const count = windowsPerSide(grid, window);
  return Array.from({ length: grid * grid }, (_, i) => {
    const [row, column] = [Math.floor(i / grid), i % grid];
    const cell = Math.floor(row / window) * count + Math.floor(column / window);
    return cell * window ** 2 + (row % window) * window + (column % window);
  });
}
