import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightLoader,
  type WeightShapes,
} from "@segany/graph";
import { add, conv2d, pad, reshape, slice, squeeze, transpose } from "@segany/graph/ops";
import { layerNorm } from "../families/sam/layers.js";
import type { ClipArchitecture } from "./clip-architecture.js";
import { blocks, type ClipActivation, project } from "./clip-layers.js";

const POSITIONS = "visual.positional_embedding";
const CLASS = "visual.class_embedding";

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
  const seen = imageTokens(g, image, activation);
  const first = layerNorm(g, squeeze(g, slice(g, seen, 1, 0, 1), [1]), "visual.ln_post");
  g.output("features", project(g, first, { matrix: "visual.proj", linear: "visual_projection" }));
  return g.finish();
}

/** The input `images`, and all tokens after the blocks: Bx(1+N)xW, the class token first. */
export function imageTokens(
  g: GraphBuilder,
  image: ClipArchitecture["image"],
  activation: ClipActivation,
): Value {
  const { patchSize, imageSize, width } = image;
  const images = g.input("images", "float32", ["B", 3, imageSize, imageSize]);
  const patches = conv2d(g, images, g.weight("visual.conv1.weight"), undefined, { stride: patchSize });
  const rows = transpose(g, reshape(g, patches, ["B", width, (imageSize / patchSize) ** 2]), [0, 2, 1]);
  const tokens = add(g, pad(g, rows, [0, 1, 0, 0, 0, 0]), positions(g)); // Bx(1+N)xW
  return blocks(g, layerNorm(g, tokens, "visual.ln_pre"), "visual.transformer", { ...image, activation });
}

/** Positions with the class token added to the first, whose token is zero in the graph. */
function positions(g: GraphBuilder): Value {
  const compute = async (load: WeightLoader): Promise<Float32Array> => {
    const [table, token] = [Float32Array.from(await load(POSITIONS)), await load(CLASS)];
    token.forEach((value, i) => {
      table[i]! += value;
    });
    return table;
  };
  return g.computed("positions_with_class", g.weightShape(POSITIONS), compute);
}
