/** Boxes of the detector: decoded in the graph, selected here. */
import type { GraphBuilder, Value } from "@segany/graph";
import { add, concat, div, exp, mul, reshape, split, sub } from "@segany/graph/ops";
import { type ExclusiveBoxXyxy, exclusiveBox, nonMaximumSuppression, type Size } from "@segany/masks";

/** Anchors, 1xNx4: (y0, x0, y1, x1) as shares of the image's sides. */
const ANCHORS = "Postprocessor/ExpandDims";

/**
 * Centres are stored ten times, logarithms of sides five times as large as they are (`FasterRcnnBoxCoder`).
 */
const [CENTRE_SCALE, SIDE_SCALE] = [10, 5];

/**
 * Nx4 boxes (y0, x0, y1, x1) of Nx4 encoded ones (centre y, x, log height, log width), each relative to the
 * centre and the sides of its anchor.
 */
export function decodeBoxes(g: GraphBuilder, encoded: Value): Value {
  const anchors = reshape(g, g.weight(ANCHORS), encoded.shape);
  const [lower, upper] = split(g, anchors, [2, 2], 1) as [Value, Value]; // Nx2 each
  const [centre, side] = split(g, encoded, [2, 2], 1) as [Value, Value];
  const sides = sub(g, upper, lower);
  const middles = add(g, lower, mul(g, sides, g.scalar(0.5)));
  const centres = add(g, middles, mul(g, sides, div(g, centre, g.scalar(CENTRE_SCALE))));
  const halves = mul(g, mul(g, sides, exp(g, div(g, side, g.scalar(SIDE_SCALE)))), g.scalar(0.5));
  return concat(g, [sub(g, centres, halves), add(g, centres, halves)], 1);
}

/** What the network says of all anchors. */
export interface SsdOutputs {
  /** Nx4, (y0, x0, y1, x1) as shares of the image's sides. */
  readonly boxes: Float32Array;
  /** Nx90, probabilities of the category ids 1 to 90. */
  readonly scores: Float32Array;
}

/** A box of one category. */
export interface DetectedBox {
  readonly categoryId: number;
  /** Probability, 0 to 1. */
  readonly score: number;
  /** Pixels, inside the image. */
  readonly boxXyxy: ExclusiveBoxXyxy;
}

export interface SelectBoxesOptions {
  /** Ids of COCO, of which boxes are wanted. */
  readonly categoryIds: readonly number[];
  /** Least probability. */
  readonly scoreThreshold: number;
  /** Of two boxes of a category that overlap by more, the one with the lower probability is left out. */
  readonly iouThreshold: number;
}

/** Boxes above the threshold without duplicates, each category for itself; the most probable first. */
export function selectBoxes(
  { boxes, scores }: SsdOutputs,
  { width, height }: Size,
  { categoryIds, scoreThreshold, iouThreshold }: SelectBoxesOptions,
): DetectedBox[] {
  const categories = (4 * scores.length) / boxes.length;
  const pixels = (anchor: number): ExclusiveBoxXyxy => {
    const [y0, x0, y1, x1] = boxes.subarray(4 * anchor, 4 * anchor + 4) as unknown as ExclusiveBoxXyxy;
    const within = (share: number, side: number) => Math.min(Math.max(share, 0), 1) * side;
    return exclusiveBox([within(x0, width), within(y0, height), within(x1, width), within(y1, height)]);
  };
  const found = categoryIds.flatMap((categoryId) => {
    const candidates: DetectedBox[] = [];
    for (let anchor = 0; 4 * anchor < boxes.length; anchor++) {
      const score = scores[anchor * categories + categoryId - 1]!;
      const box = score >= scoreThreshold ? pixels(anchor) : undefined;
      if (box && box[2] > box[0] && box[3] > box[1]) candidates.push({ categoryId, score, boxXyxy: box });
    }
    const kept = nonMaximumSuppression(
      candidates.map(({ boxXyxy }) => boxXyxy),
      candidates.map(({ score }) => score),
      iouThreshold,
    );
    return kept.map((index) => candidates[index]!);
  });
  return found.sort((a, b) => b.score - a.score);
}
