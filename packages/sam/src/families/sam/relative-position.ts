/**
 * Decomposed relative positions (Meta's `get_rel_pos`): one learned vector for every distance along an axis.
 */
import type { GraphBuilder, Value } from "@segany/graph";
import { gather, matmul, reshape } from "@segany/graph/ops";

/**
 * Row of the table of distances for every pair of places on an axis of `side` tokens: entry (query, key),
 * row-major, is query - key + side - 1.
 */
export function distanceRows(side: number): number[] {
  return Array.from({ length: side * side }, (_, i) => Math.floor(i / side) - (i % side) + side - 1);
}

/**
 * The matrix [to, from] that resamples rows linearly, as PyTorch's `interpolate` without corner alignment
 * does: the centres of the new rows are placed among the old ones and the ends are repeated.
 */
export function linearResampling(from: number, to: number): Float32Array<ArrayBuffer> {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = Math.max(0, ((row + 0.5) * from) / to - 0.5);
    const below = Math.min(Math.floor(place), from - 1);
    const above = Math.min(below + 1, from - 1);
    const fraction = place - below;
    matrix[row * from + below]! += 1 - fraction;
    matrix[row * from + above]! += fraction;
  }
  return matrix;
}

/**
 * A table of rows of the given width, resampled linearly to another number of rows; the same array if it has
 * that many.
 */
export function resampleRows(table: Float32Array, width: number, to: number): Float32Array {
  const from = table.length / width;
  if (from === to) return table;
  const matrix = linearResampling(from, to);
  return Float32Array.from({ length: to * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    let value = 0;
    for (let old = 0; old < from; old++) value += matrix[row * from + old]! * table[old * width + column]!;
    return value;
  });
}

/**
 * Vectors for every (query, key) pair along one axis of `side` tokens: side x side x d. A table that was
 * learned for another side is resampled to the 2·side - 1 distances there are.
 */
export function relativePositions(g: GraphBuilder, key: string, side: number): Value {
  const learned = g.weight(key); // Lxd
  const [length, width] = learned.shape as [number, number];
  const distances = 2 * side - 1;
  const table =
    length === distances
      ? learned
      : matmul(g, g.constant(linearResampling(length, distances), [distances, length]), learned); // (2s-1)xd
  return reshape(g, gather(g, table, g.ints(distanceRows(side)), 0), [side, side, width]);
}
