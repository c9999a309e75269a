import { SamError } from "./errors.js";
import type { BoxXyxy } from "./frames.js";

/**
 * Greedy non-maximum suppression with the results of `torchvision.ops.nms` on a CPU: boxes are taken by
 * falling score (equal scores in the order given, NaN before all numbers), and a box is dropped when its IoU
 * with one taken before is greater than the threshold. IoU is computed in 32-bit floats as there, so that
 * borderline pairs fall alike.
 *
 * @param boxesXyxy N boxes, or their Nx4 corners flat
 * @param scores N
 * @param iouThreshold 0..1
 * @param accept asked once for each box that nothing taken before suppresses; a box it refuses is neither
 *   kept nor does it suppress others, as if it had not been given: a costly test is then made of few boxes
 * @returns indices of the boxes kept, by falling score
 * @throws SamError `option-invalid` when the lengths don't match
 *
 * @example
 * const boxes = [
 *   [0, 0, 10, 10],
 *   [1, 0, 11, 10],
 *   [20, 0, 30, 10],
 * ] as const;
 * console.log(nonMaximumSuppression(boxes, [0.8, 0.9, 0.7], 0.5)); // [ 1, 2 ]
 */
export function nonMaximumSuppression(
  boxesXyxy: readonly BoxXyxy[] | Float32Array,
  scores: ArrayLike<number>,
  iouThreshold: number,
  accept: (index: number) => boolean = () => true,
): number[] {
  const boxes = boxesXyxy instanceof Float32Array ? boxesXyxy : Float32Array.from(boxesXyxy.flat());
  if (boxes.length !== 4 * scores.length) {
    throw new SamError(
      "option-invalid",
      `${scores.length} scores were given for ${boxes.length / 4} boxes; each box needs one.`,
    );
  }
  const areas = boxAreas(boxes);
  // Kept boxes are copied together, so that the inner loop reads memory in order.
  const keptBoxes = new Float32Array(boxes.length);
  const keptAreas = new Float32Array(areas.length);
  const kept: number[] = [];
  for (const index of fallingOrder(scores)) {
    const box = boxes.subarray(4 * index, 4 * index + 4);
    if (overlapsAny(box, areas[index]!, keptBoxes, keptAreas, kept.length, iouThreshold)) continue;
    if (!accept(index)) continue;
    keptBoxes.set(box, 4 * kept.length);
    keptAreas[kept.length] = areas[index]!;
    kept.push(index);
  }
  return kept;
}

function boxAreas(boxes: Float32Array): Float32Array {
  const areas = new Float32Array(boxes.length / 4);
  for (let i = 0; i < areas.length; i++) {
    const width = Math.fround(boxes[4 * i + 2]! - boxes[4 * i]!);
    const height = Math.fround(boxes[4 * i + 3]! - boxes[4 * i + 1]!);
    areas[i] = width * height;
  }
  return areas;
}

function fallingOrder(scores: ArrayLike<number>): Uint32Array {
  const numbers: number[] = [];
  const order: number[] = [];
  for (let i = 0; i < scores.length; i++) (Number.isNaN(scores[i]!) ? order : numbers).push(i);
  // Subtracting equal infinities gives NaN, which sorting takes as equal.
  numbers.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return Uint32Array.from([...order, ...numbers]);
}

function overlapsAny(
  box: Float32Array,
  area: number,
  keptBoxes: Float32Array,
  keptAreas: Float32Array,
  keptCount: number,
  iouThreshold: number,
): boolean {
  const x0 = box[0]!;
  const y0 = box[1]!;
  const x1 = box[2]!;
  const y1 = box[3]!;
  // No overlap is no reason to drop a box unless the threshold is negative.
  const skipsDisjoint = iouThreshold >= 0;
  for (let i = 0; i < keptCount; i++) {
    const j = 4 * i;
    const keptX0 = keptBoxes[j]!;
    const keptY0 = keptBoxes[j + 1]!;
    const keptX1 = keptBoxes[j + 2]!;
    const keptY1 = keptBoxes[j + 3]!;
    const disjoint = keptX0 >= x1 || keptX1 <= x0 || keptY0 >= y1 || keptY1 <= y0;
    if (disjoint && skipsDisjoint) continue;
    const width = Math.max(0, Math.fround(Math.min(x1, keptX1) - Math.max(x0, keptX0)));
    const height = Math.max(0, Math.fround(Math.min(y1, keptY1) - Math.max(y0, keptY0)));
    const intersection = Math.fround(width * height);
    const union = Math.fround(Math.fround(keptAreas[i]! + area) - intersection);
    if (Math.fround(intersection / union) > iouThreshold) return true;
  }
  return false;
}
