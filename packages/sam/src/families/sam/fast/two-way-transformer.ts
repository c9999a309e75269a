import { type GraphBuilder, product, type Value } from "@segany/graph";
import { add, matmul, mul, relu, reshape, softmax, transpose } from "@segany/graph/ops";
import { type Architecture, embeddingSide } from "../architecture.js";
import { layerNorm, layerNormWithMoments } from "../layers.js";
import { TRANSFORMER_PREFIX } from "../two-way-transformer.js";
import {
  type AttentionSpec,
  attendToImage,
  attendToSharedImage,
  type CellSampling,
  cellChange,
  imageAttends,
  type SharedImage,
  sharedImageAttends,
} from "./image-attention.js";
import { linearRows } from "./linear.js";
import type { CellStep } from "./projected-cells.js";
import {
  joinHeads,
  pickedLayout,
  pickTokens,
  separateHeads,
  type TokenLayout,
  tokenLayout,
  toRows,
} from "./token-rows.js";

/** What the transformer starts from. */
export interface FastTransformerInputs {
  /** BxTxC: output tokens, then prompt tokens. */
  readonly tokens: Value;
  /** 1xSxC when all prompts share the image's cells, BxSxC when each brings its own mask. */
  readonly imageTokens: Value;
  /** The image's part in the first layer, where the cells are shared. */
  readonly shared: SharedImage | undefined;
  /** Bx1x1xT bias that hides excluded tokens. */
  readonly tokenBias: Value | undefined;
  /** The tokens that the last attention is computed for. */
  readonly wanted: readonly number[];
  /** Given when `imageTokens` and the queries of `shared` are of some cells only. */
  readonly sampling?: CellSampling | undefined;
}

/** The wanted tokens (B·W)xC and the cells BxSxC, with the steps that led to them. */
export interface FastTransformerOutputs {
  readonly tokens: Value;
  readonly layout: TokenLayout;
  readonly imageTokens: Value;
  readonly steps: readonly CellStep[];
}

interface Context {
  readonly inputs: FastTransformerInputs;
  readonly architecture: Architecture;
  readonly layout: TokenLayout;
  /** (B·T)xC: the tokens as they came, added again at each attention. */
  readonly prompt: Value;
}

interface State {
  readonly tokens: Value;
  readonly imageTokens: Value;
  readonly steps: readonly CellStep[];
}

/** The same as `twoWayTransformer` of the plain form, of the wanted tokens only. */
export function fastTwoWayTransformer(
  g: GraphBuilder,
  inputs: FastTransformerInputs,
  architecture: Architecture,
): FastTransformerOutputs {
  const layout = tokenLayout(g, inputs.tokens);
  const prompt = toRows(g, inputs.tokens);
  const context = { inputs, architecture, layout, prompt };
  let state: State = { tokens: prompt, imageTokens: inputs.imageTokens, steps: [] };
  for (let layer = 0; layer < architecture.decoder.depth; layer++) state = block(g, context, state, layer);

  const picked = pickedLayout(g, layout, inputs.wanted.length);
  const tokens = pickTokens(g, state.tokens, layout, inputs.wanted); // (B·W)xC
  const query = add(g, tokens, pickTokens(g, prompt, layout, inputs.wanted));
  const spec = attentionOf(context, `${TRANSFORMER_PREFIX}.final_attn_token_to_image`);
  const attended = attendToImage(g, query, picked, state.imageTokens, spec);
  return {
    tokens: layerNorm(g, add(g, tokens, attended), `${TRANSFORMER_PREFIX}.norm_final_attn`),
    layout: picked,
    imageTokens: state.imageTokens,
    steps: state.steps,
  };
}

function block(g: GraphBuilder, context: Context, state: State, layer: number): State {
  const { inputs, layout, prompt } = context;
  const prefix = `${TRANSFORMER_PREFIX}.layers.${layer}`;
  const shared = layer === 0 ? inputs.shared : undefined;
  const { imageTokens } = state;
  let { tokens } = state;

  const attended = selfAttention(g, context, tokens, layer);
  tokens = layerNorm(g, layer === 0 ? attended : add(g, tokens, attended), `${prefix}.norm1`);

  const toImage = attentionOf(context, `${prefix}.cross_attn_token_to_image`);
  const query = add(g, tokens, prompt);
  const fromImage = shared
    ? attendToSharedImage(g, query, shared, toImage)
    : attendToImage(g, query, layout, imageTokens, toImage);
  tokens = layerNorm(g, add(g, tokens, fromImage), `${prefix}.norm2`);

  const hidden = relu(g, linearRows(g, tokens, `${prefix}.mlp.lin1`));
  tokens = layerNorm(g, add(g, tokens, linearRows(g, hidden, `${prefix}.mlp.lin2`)), `${prefix}.norm3`);

  const toTokens = attentionOf(context, `${prefix}.cross_attn_image_to_token`);
  const seen = { keys: add(g, tokens, prompt), values: tokens, layout, bias: inputs.tokenBias };
  const change = shared
    ? sharedImageAttends(g, seen, shared, toTokens)
    : imageAttends(g, seen, imageTokens, toTokens);
  const changed = add(g, imageTokens, cellChange(g, change));
  const { cells, ...moments } = normCells(g, changed, `${prefix}.norm4`);
  return { tokens, imageTokens: cells, steps: [...state.steps, { change, ...moments }] };
}

/** Attention of the tokens among themselves: (B·T)xC. */
function selfAttention(
  g: GraphBuilder,
  { inputs, layout, prompt, architecture }: Context,
  tokens: Value,
  layer: number,
): Value {
  const prefix = `${TRANSFORMER_PREFIX}.layers.${layer}.self_attn`;
  const { numHeads } = architecture.decoder;
  const compared = layer === 0 ? tokens : add(g, tokens, prompt);
  const project = (x: Value, name: string) =>
    separateHeads(g, linearRows(g, x, `${prefix}.${name}_proj`), layout, numHeads); // BxHxTxd
  const key = transpose(g, project(compared, "k"), [0, 1, 3, 2]);
  const query = project(compared, "q");
  const scores = mul(g, matmul(g, query, key), g.scalar(1 / Math.sqrt(Number(query.shape[3])))); // BxHxTxT
  const weights = softmax(g, inputs.tokenBias ? add(g, scores, inputs.tokenBias) : scores);
  return linearRows(g, joinHeads(g, matmul(g, weights, project(tokens, "v"))), `${prefix}.out_proj`);
}

function attentionOf({ architecture, inputs }: Context, prefix: string): AttentionSpec {
  return { ...imageAttention(architecture, prefix), sampling: inputs.sampling };
}

/** An attention between tokens and image, of the decoder's narrower inner width. */
export function imageAttention({ decoder, encoder }: Architecture, prefix: string): AttentionSpec {
  const scale = 1 / Math.sqrt(decoder.attentionDim / decoder.numHeads);
  return { prefix, heads: decoder.numHeads, scale, side: embeddingSide(encoder) };
}

/**
 * Layer normalisation of BxSxC by way of rows: on three axes ONNX Runtime would join it with the addition
 * before, which is slow.
 */
function normCells(g: GraphBuilder, x: Value, prefix: string) {
  const [batch, cells, channels] = x.shape;
  const rows = reshape(g, x, [product([batch!, cells!]), channels!]);
  const { normal, mean, inverseDeviation } = layerNormWithMoments(g, rows, prefix);
  const perCell = (moment: Value) => reshape(g, moment, [batch!, 1, cells!]);
  return {
    cells: reshape(g, normal, [batch!, cells!, channels!]),
    mean: perCell(mean),
    inverseDeviation: perCell(inverseDeviation),
  };
}
