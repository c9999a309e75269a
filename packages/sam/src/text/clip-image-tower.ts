import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, conv2d, mul, pad, reshape, slice, squeeze, sub, transpose, unsqueeze } from "@segany/graph/ops";
import { layerNorm } from "../families/sam/layers.js";
import type { ClipArchitecture } from "./clip-architecture.js";
import { blocks, type ClipActivation, project } from "./clip-layers.js";

/**
 * CLIP's image tower as a graph (`VisionTransformer` of openai/CLIP).
 *
 * Input `images`: Bx3xSxS, see `clipPixels`. Output `features`: BxE, not normalised.
 *
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit
 */
export function clipImageTower(
  weights: WeightShapes,
  { image }: ClipArchitecture,
  activation: ClipActivation,
): Graph {
  const g = createGraphBuilder("clip_image", weights);
  g.output("features", clipImageFeatures(g, image, activation));
  return g.finish();
}

/** Features BxE, not normalised, of the input `images`: for graphs that train the tower. */
export function clipImageFeatures(
  g: GraphBuilder,
  image: ClipArchitecture["image"],
  activation: ClipActivation,
): Value {
  return featuresOf(g, imageTokens(g, image, activation));
}

/**
 * The same for an object: in the last block the class token attends only to itself and to the patches that
 * show the object (SAM's paper, appendix D.5).
 *
 * Inputs `images` as above, and `shown`, BxN: 1 for a patch that shows the object, else 0.
 */
export function clipObjectTower(
  weights: WeightShapes,
  { image }: ClipArchitecture,
  activation: ClipActivation,
): Graph {
  const g = createGraphBuilder("clip_object", weights);
  const shown = g.input("shown", "float32", ["B", (image.imageSize / image.patchSize) ** 2]);
  const hidden = pad(g, sub(g, g.scalar(1), shown), [0, 1, 0, 0]); // Bx(1+N), the class token is seen
  // All tokens attend so: what becomes of the others in the last block has no effect.
  const lastMask = unsqueeze(g, mul(g, hidden, g.scalar(-1e9)), [1, 2]); // Bx1x1x(1+N)
  g.output("features", featuresOf(g, imageTokens(g, image, activation, lastMask)));
  return g.finish();
}

/** @param tokens after the blocks */
function featuresOf(g: GraphBuilder, tokens: Value): Value {
  const first = layerNorm(g, squeeze(g, slice(g, tokens, 1, 0, 1), [1]), "visual.ln_post");
  return project(g, first, { matrix: "visual.proj", linear: "visual_projection" });
}

/**
 * The input `images`, and all tokens after the blocks: Bx(1+N)xW, the class token first.
 *
 * @param lastMask added to the attention scores of the last block
 */
export function imageTokens(
  g: GraphBuilder,
  image: ClipArchitecture["image"],
  activation: ClipActivation,
  lastMask?: Value,
): Value {
  const { patchSize, imageSize, width } = image;
  const images = g.input("images", "float32", ["B", 3, imageSize, imageSize]);
  const patches = conv2d(g, images, g.weight("visual.conv1.weight"), undefined, { stride: patchSize });
  const rows = transpose(g, reshape(g, patches, ["B", width, (imageSize / patchSize) ** 2]), [0, 2, 1]);
  const tokens = add(g, pad(g, rows, [0, 1, 0, 0, 0, 0]), positions(g)); // Bx(1+N)xW
  const options = { ...image, activation, ...(lastMask && { lastMask }) };
  return blocks(g, layerNorm(g, tokens, "visual.ln_pre"), "visual.transformer", options);
}

/** Positions with the class token added to the first, whose token is zero in the graph. */
function positions(g: GraphBuilder): Value {
  const table = g.weight("visual.positional_embedding"); // (1+N)xW
  const token = unsqueeze(g, g.weight("visual.class_embedding"), [0]);
  return add(g, table, pad(g, token, [0, 0, Number(table.shape[0]) - 1, 0]));
}
