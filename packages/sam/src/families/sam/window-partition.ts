/**
 * Cutting a grid of tokens into windows and joining them again (Meta's `window_partition`,
 * `window_unpartition`).
 */
import type { GraphBuilder, Value } from "@segany/graph";
import { pad, reshape, slice, transpose } from "@segany/graph/ops";

/** Windows along a side of `grid` tokens; the last one may reach beyond the grid. */
export function windowsPerSide(grid: number, window: number): number {
  return Math.ceil(grid / window);
}

/**
 * 1 x grid x grid x C to windows x side x side x C, with zero tokens at the right and below where windows
 * reach beyond.
 */
export function windowPartition(g: GraphBuilder, x: Value, window: number): Value {
  const [, grid, , channels] = x.shape as number[];
  const count = windowsPerSide(grid!, window);
  const excess = count * window - grid!;
  const padded = excess > 0 ? pad(g, x, [0, 0, 0, 0, 0, excess, excess, 0]) : x;
  const cells = reshape(g, padded, [count, window, count, window, channels!]);
  return reshape(g, transpose(g, cells, [0, 2, 1, 3, 4]), [count * count, window, window, channels!]);
}

/**
 * The reverse of {@link windowPartition}: windows x side x side x C to 1 x grid x grid x C, padding dropped.
 */
export function windowUnpartition(g: GraphBuilder, windows: Value, grid: number): Value {
  const [, window, , channels] = windows.shape as number[];
  const count = windowsPerSide(grid, window!);
  const cells = reshape(g, windows, [count, count, window!, window!, channels!]);
  const side = count * window!;
  const joined = reshape(g, transpose(g, cells, [0, 2, 1, 3, 4]), [1, side, side, channels!]);
  return side === grid ? joined : slice(g, slice(g, joined, 1, 0, grid), 2, 0, grid);
}
