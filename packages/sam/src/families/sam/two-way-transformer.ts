import type { GraphBuilder, Value } from "@segany/graph";
import { add, div, matmul, relu, reshape, softmax, transpose } from "@segany/graph/ops";
import type { DecoderArchitecture } from "./architecture.js";
import { layerNorm, linear } from "./layers.js";

/** Where the transformer's tensors stand in a checkpoint. */
export const TRANSFORMER_PREFIX = "mask_decoder.transformer";

/** What tokens and image cells are made of. */
export interface TransformerInputs {
  /** BxTxC: output tokens, then prompt tokens. They are added again to queries and keys at each attention. */
  readonly tokens: Value;
  /** 1xSxC or BxSxC: cells of the image embedding with the dense prompt added, row by row. */
  readonly imageTokens: Value;
  /** SxC: positions of these cells. */
  readonly imagePositions: Value;
  /** Bx1x1xT bias that hides excluded tokens, where the batch may have them. */
  readonly tokenBias: Value | undefined;
}

/** Tokens BxTxC and image cells BxSxC after the transformer. */
export interface TransformerOutputs {
  readonly tokens: Value;
  readonly imageTokens: Value;
}

/**
 * The decoder's transformer: tokens attend to themselves and to the image, and the image attends to the
 * tokens (paper, appendix A, figure 14; Meta's `TwoWayTransformer`). Dropout, which only training has, is
 * left out.
 */
export function twoWayTransformer(
  g: GraphBuilder,
  inputs: TransformerInputs,
  { depth, numHeads }: DecoderArchitecture,
): TransformerOutputs {
  let state: TransformerOutputs = inputs;
  for (let layer = 0; layer < depth; layer++) state = twoWayBlock(g, inputs, state, layer, numHeads);
  const attended = attention(
    g,
    {
      query: add(g, state.tokens, inputs.tokens),
      key: add(g, state.imageTokens, inputs.imagePositions),
      value: state.imageTokens,
    },
    `${TRANSFORMER_PREFIX}.final_attn_token_to_image`,
    numHeads,
  );
  const tokens = layerNorm(g, add(g, state.tokens, attended), `${TRANSFORMER_PREFIX}.norm_final_attn`);
  return { tokens, imageTokens: state.imageTokens };
}

function twoWayBlock(
  g: GraphBuilder,
  inputs: TransformerInputs,
  state: TransformerOutputs,
  layer: number,
  heads: number,
): TransformerOutputs {
  const prefix = `${TRANSFORMER_PREFIX}.layers.${layer}`;
  const positioned = (tokens: Value) => add(g, tokens, inputs.tokens);
  let { tokens, imageTokens } = state;

  // The first layer's tokens are their own positions: they are not added twice, and not kept beside the
  // attention.
  const query = layer === 0 ? tokens : positioned(tokens);
  const self = { query, key: query, value: tokens };
  const selfAttended = attention(g, self, `${prefix}.self_attn`, heads, inputs.tokenBias);
  tokens = layerNorm(g, layer === 0 ? selfAttended : add(g, tokens, selfAttended), `${prefix}.norm1`);

  const imageKey = add(g, imageTokens, inputs.imagePositions); // BxSxC
  const toImage = { query: positioned(tokens), key: imageKey, value: imageTokens };
  const fromImage = attention(g, toImage, `${prefix}.cross_attn_token_to_image`, heads);
  tokens = layerNorm(g, add(g, tokens, fromImage), `${prefix}.norm2`);

  const hidden = relu(g, linear(g, tokens, `${prefix}.mlp.lin1`));
  tokens = layerNorm(g, add(g, tokens, linear(g, hidden, `${prefix}.mlp.lin2`)), `${prefix}.norm3`);

  const toTokens = { query: imageKey, key: positioned(tokens), value: tokens };
  const fromTokens = attention(g, toTokens, `${prefix}.cross_attn_image_to_token`, heads, inputs.tokenBias);
  imageTokens = layerNorm(g, add(g, imageTokens, fromTokens), `${prefix}.norm4`);
  return { tokens, imageTokens };
}

/**
 * Multi-head attention over BxLxC with an optional bias on the scores; the inner width is that of the
 * projections.
 */
function attention(
  g: GraphBuilder,
  inputs: { readonly query: Value; readonly key: Value; readonly value: Value },
  prefix: string,
  heads: number,
  bias?: Value,
): Value {
  const query = separateHeads(g, linear(g, inputs.query, `${prefix}.q_proj`), heads); // BxHxLxd
  const key = separateHeads(g, linear(g, inputs.key, `${prefix}.k_proj`), heads); // BxHxMxd
  const value = separateHeads(g, linear(g, inputs.value, `${prefix}.v_proj`), heads);
  const width = Number(query.shape[3]);
  const products = matmul(g, query, transpose(g, key, [0, 1, 3, 2])); // BxHxLxM
  const scores = div(g, products, g.scalar(Math.sqrt(width)));
  const weights = softmax(g, bias ? add(g, scores, bias) : scores);
  const attended = transpose(g, matmul(g, weights, value), [0, 2, 1, 3]); // BxLxHxd
  const [batch, length] = attended.shape;
  return linear(g, reshape(g, attended, [batch!, length!, heads * width]), `${prefix}.out_proj`);
}

function separateHeads(g: GraphBuilder, x: Value, heads: number): Value {
  const [batch, length, width] = x.shape;
  return transpose(g, reshape(g, x, [batch!, length!, heads, Number(width) / heads]), [0, 2, 1, 3]);
}
