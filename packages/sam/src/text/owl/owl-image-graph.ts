/**
 * The image side of OWL-ViT and OWLv2: CLIP's image tower whose patches have a box and a class embedding each
 * (Minderer et al., arXiv 2205.06230 and 2306.09683; `OwlViTForObjectDetection` of Hugging Face).
 */
import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, exp, gelu, greater, mul, reshape, sigmoid, slice, where } from "@segany/graph/ops";
import { layerNorm, linear } from "../../families/sam/layers.js";
import type { ClipArchitecture } from "../clip-architecture.js";
import { imageTokens } from "../clip-image-tower.js";
import type { ClipActivation } from "../clip-layers.js";

/** Keeps the logarithms of the boxes' biases finite. */
const SMALL = 1e-4;

/**
 * Input `images`: Bx3xSxS, see `owlPixels`. Outputs, for N patches: `classes` BxNxT, embeddings to be
 * compared with those of texts, not normalised; `shift` and `scale` BxNx1, of their logits; `boxes` BxNx4,
 * (centre x, centre y, width, height) from 0 to 1.
 *
 * @throws SamError `checkpoint-invalid` for a missing tensor, `graph-invalid` for one that does not fit
 */
export function owlImageGraph(
  weights: WeightShapes,
  { image }: Pick<ClipArchitecture, "image">,
  activation: ClipActivation,
): Graph {
  const g = createGraphBuilder("owl_image", weights);
  const side = image.imageSize / image.patchSize;
  const tokens = layerNorm(g, imageTokens(g, image, activation), "visual.ln_post");
  const patches = slice(g, tokens, 1, 1, 1 + side * side);
  const seen = layerNorm(g, mul(g, patches, slice(g, tokens, 1, 0, 1)), "layer_norm"); // BxNxW
  g.output("classes", linear(g, seen, "class_head.dense0"));
  g.output("shift", linear(g, seen, "class_head.logit_shift"));
  g.output("scale", eluPlusOne(g, linear(g, seen, "class_head.logit_scale")));
  g.output("boxes", sigmoid(g, add(g, boxHead(g, seen), boxBias(g, side))));
  return g.finish();
}

function boxHead(g: GraphBuilder, x: Value): Value {
  const first = gelu(g, linear(g, x, "box_head.dense0"));
  return linear(g, gelu(g, linear(g, first, "box_head.dense1")), "box_head.dense2");
}

/** x + 1 above 0, else eˣ. */
function eluPlusOne(g: GraphBuilder, x: Value): Value {
  return where(g, greater(g, x, g.scalar(0)), add(g, x, g.scalar(1)), exp(g, x));
}

/**
 * What a box of each patch would be if the head said nothing: at the patch's end, and as large as a patch.
 */
function boxBias(g: GraphBuilder, side: number): Value {
  const logit = (share: number) => Math.log(share + SMALL) - Math.log1p(-share + SMALL);
  const values = new Float32Array(4 * side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      values.set(
        [logit((column + 1) / side), logit((row + 1) / side), logit(1 / side), logit(1 / side)],
        4 * (row * side + column),
      );
  return reshape(g, g.constant(values, [side * side, 4]), [1, side * side, 4]);
}
