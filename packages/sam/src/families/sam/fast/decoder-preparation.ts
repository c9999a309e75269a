import {
  createGraphBuilder,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, gemm, matmul, reshape, transpose } from "@segany/graph/ops";
import { type Architecture, embeddingSide } from "../architecture.js";
import { TRANSFORMER_PREFIX } from "../two-way-transformer.js";
import { headRows, positionProjection } from "./decoder-constants.js";
import type { SharedImage } from "./image-attention.js";
import { columnsBefore } from "./projected-cells.js";
import { imageAttention } from "./two-way-transformer.js";
import { firstUpscaling } from "./upscaling.js";

const NO_MASK_KEY = "prompt_encoder.no_mask_embed.weight";
const FIRST_LAYER = `${TRANSFORMER_PREFIX}.layers.0`;

/** Outputs of the preparation and inputs of the fast decoders. */
export const PREPARED = {
  imageTokens: "image_tokens",
  keys: "image_keys",
  values: "image_values",
  queries: "image_queries",
  pixels: ["image_upper_pixels", "image_lower_pixels"],
} as const;

/**
 * What all prompts on an image have in common, to be run once for an image.
 *
 * Input: `image_embeddings` 1xCxSxS. Outputs: `image_tokens` 1xSSxC (the cells with "no mask" added) and the
 * first layer's `image_keys` HxdxSS, `image_values` HxSSxd, `image_queries` HxdxSS, and the upscaling's
 * `image_upper_pixels` and `image_lower_pixels`, 1xSSxN each. The fast decoders take these instead of the
 * embedding; one that takes masks takes only `image_tokens`.
 */
export function buildDecoderPreparation(weights: WeightShapes, architecture: Architecture): Graph {
  const g = createGraphBuilder("decoder_preparation", weights);
  const side = embeddingSide(architecture.encoder);
  const channels = architecture.decoder.transformerDim;
  const embedding = g.input("image_embeddings", "float32", [1, channels, side, side]);
  const columns = reshape(g, embedding, [channels, side * side]); // CxSS
  const rows = add(g, transpose(g, columns, [1, 0]), g.weight(NO_MASK_KEY)); // SSxC
  const { heads } = imageAttention(architecture, "");
  g.output(PREPARED.imageTokens, reshape(g, rows, [1, side * side, channels]));
  g.output(PREPARED.keys, project(g, columns, architecture, "cross_attn_token_to_image", "k_proj"));
  const value = g.weight(`${FIRST_LAYER}.cross_attn_token_to_image.v_proj.weight`);
  const values = gemm(g, rows, value, undefined, { transB: true }); // SSx(H·d)
  const byHead = reshape(g, values, [side * side, heads, Number(values.shape[1]) / heads]);
  g.output(PREPARED.values, transpose(g, byHead, [1, 0, 2]));
  g.output(PREPARED.queries, project(g, columns, architecture, "cross_attn_image_to_token", "q_proj"));
  for (const [i, layer] of firstUpscaling(g).entries()) {
    const pixels = gemm(g, rows, columnsBefore(g, layer, 0, architecture.decoder.depth));
    g.output(PREPARED.pixels[i]!, reshape(g, pixels, [1, side * side, layer.shape[1]]));
  }
  return g.finish();
}

/**
 * The scaled projection of cells CxSS with "no mask" and their positions added: HxdxSS. A key's bias cancels
 * in its softmax.
 */
function project(
  g: GraphBuilder,
  columns: Value,
  architecture: Architecture,
  attention: string,
  projection: "k_proj" | "q_proj",
): Value {
  const prefix = `${FIRST_LAYER}.${attention}.${projection}`;
  const { heads, scale, side } = imageAttention(architecture, prefix);
  const byHead = headRows(g, prefix, heads, scale); // HxdxC
  const [, width, channels] = byHead.shape;
  const matrix = reshape(g, byHead, [heads * Number(width), channels!]);
  const withBias = projection === "q_proj";
  const positions = positionProjection(g, { prefix, side, scale, withBias, offsetKey: NO_MASK_KEY });
  return reshape(g, add(g, matmul(g, matrix, columns), positions), [heads, width!, side * side]);
}

/**
 * Declares the preparation's outputs as a decoder's inputs: the cells, and the first layer's share where it
 * is wanted.
 */
export function declarePrepared(
  g: GraphBuilder,
  architecture: Architecture,
  withShared: boolean,
): { readonly imageTokens: Value; readonly shared: SharedImage | undefined } {
  const { transformerDim, attentionDim, numHeads: heads } = architecture.decoder;
  const cells = embeddingSide(architecture.encoder) ** 2;
  const width = attentionDim / heads;
  const imageTokens = g.input(PREPARED.imageTokens, "float32", [1, cells, transformerDim]);
  if (!withShared) return { imageTokens, shared: undefined };
  return {
    imageTokens,
    shared: {
      keys: g.input(PREPARED.keys, "float32", [heads, width, cells]),
      values: g.input(PREPARED.values, "float32", [heads, cells, width]),
      queries: g.input(PREPARED.queries, "float32", [heads, width, cells]),
      pixels: firstUpscaling(g).map(({ shape }, i) =>
        g.input(PREPARED.pixels[i]!, "float32", [1, cells, shape[1]]),
      ),
    },
  };
}
