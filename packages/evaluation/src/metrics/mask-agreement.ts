import { type Rle, rleIou } from "@segany/masks";
import { assignSparse } from "./sparse-assignment.js";

/** Costs are millionths of IoU, whole numbers. */
const UNITS = 1e6;

/** Two masks, one of each side, that are the same object. */
export interface MaskPair {
  readonly a: number;
  readonly b: number;
  readonly iou: number;
}

/**
 * Pairs the masks of two annotations of one image one to one, so that the sum of IoUs is as large as
 * possible; masks that overlap by less than `minIou` are never a pair.
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const size = { width: 10, height: 10 };
 * const pairs = pairMasks([boxToRle([0, 0, 4, 4], size)], [boxToRle([0, 0, 4, 5], size)], 0.5);
 * console.log(pairs[0]?.iou); // 0.8
 */
export function pairMasks(a: readonly Rle[], b: readonly Rle[], minIou: number): MaskPair[] {
  const ious = rleIou(a, b);
  const leastIou = Math.max(minIou, Number.MIN_VALUE); // masks apart are no pair
  const firstEdge = new Int32Array(a.length);
  const lastEdge = new Int32Array(a.length);
  const columns: number[] = [];
  const costs: number[] = [];
  for (const row of a.keys()) {
    firstEdge[row] = columns.length;
    for (const column of b.keys()) {
      const iou = ious[row * b.length + column]!;
      if (iou < leastIou) continue;
      columns.push(column);
      costs.push(Math.round(UNITS * (1 - iou)));
    }
    lastEdge[row] = columns.length;
  }
  const graph = {
    columnCount: b.length,
    firstEdge,
    lastEdge,
    columns: Int32Array.from(columns),
    costs: Int32Array.from(costs),
  };
  return [...assignSparse(graph, UNITS)].flatMap((column, row) =>
    column === -1 ? [] : [{ a: row, b: column, iou: ious[row * b.length + column]! }],
  );
}
