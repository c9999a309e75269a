/** The neck that every image encoder ends with (paper, appendix A). */
import type { GraphBuilder, Value } from "@segany/graph";
import { conv2d } from "@segany/graph/ops";
import { layerNorm2d } from "./layers.js";

/** Epsilon of both layer normalisations of the neck. */
export const NECK_EPSILON = 1e-6;

/**
 * Brings the channels from C to the embedding's: 1x1 and 3x3 convolution without bias, each normalised;
 * 1xCxsxs to 1x256xsxs.
 */
export function neck(g: GraphBuilder, x: Value, prefix: string): Value {
  const narrow = conv2d(g, x, g.weight(`${prefix}.0.weight`), undefined);
  const normed = layerNorm2d(g, narrow, `${prefix}.1`, NECK_EPSILON);
  const smoothed = conv2d(g, normed, g.weight(`${prefix}.2.weight`), undefined, { padding: 1 });
  return layerNorm2d(g, smoothed, `${prefix}.3`, NECK_EPSILON);
}
