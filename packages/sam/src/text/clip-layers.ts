/** Blocks of both towers of CLIP, in plain form: weights stay as the checkpoint has them. */
import type { Dim, GraphBuilder, Value } from "@segany/graph";
import { add, gelu, matmul, mul, reshape, sigmoid, softmax, split, transpose } from "@segany/graph/ops";
import { layerNorm, linear } from "../families/sam/layers.js";
import type { ClipTower } from "./clip-architecture.js";

/** OpenAI's models have `quick-gelu`, x·σ(1.702x); most of OpenCLIP's the exact error function. */
export type ClipActivation = "quick-gelu" | "gelu";

/** What the blocks of a tower are made with. */
export interface BlockOptions extends Pick<ClipTower, "width" | "depth" | "heads"> {
  readonly activation: ClipActivation;
  /** Added to the attention scores, NxN. */
  readonly mask?: Value;
  /** The same for the last block alone, BxHxNxN or what becomes that. */
  readonly lastMask?: Value;
}

type OneBlock = Omit<BlockOptions, "depth" | "lastMask">;

/** All blocks of a tower, `<prefix>.resblocks.<i>`, on tokens BxNxW. */
export function blocks(g: GraphBuilder, x: Value, prefix: string, options: BlockOptions): Value {
  const { depth, lastMask, ...each } = options;
  for (let i = 0; i < depth; i++) {
    const isLast = i === depth - 1;
    x = block(g, x, `${prefix}.resblocks.${i}`, isLast && lastMask ? { ...each, mask: lastMask } : each);
  }
  return x;
}

/** Attention and MLP, each on the normalised tokens and added to them. */
function block(g: GraphBuilder, x: Value, prefix: string, options: OneBlock): Value {
  const middle = add(g, x, attention(g, layerNorm(g, x, `${prefix}.ln_1`), `${prefix}.attn`, options));
  const hidden = linear(g, layerNorm(g, middle, `${prefix}.ln_2`), `${prefix}.mlp.c_fc`);
  const active = options.activation === "gelu" ? gelu(g, hidden) : quickGelu(g, hidden);
  return add(g, middle, linear(g, active, `${prefix}.mlp.c_proj`));
}

function quickGelu(g: GraphBuilder, x: Value): Value {
  return mul(g, x, sigmoid(g, mul(g, x, g.scalar(1.702))));
}

function attention(g: GraphBuilder, x: Value, prefix: string, { width, heads, mask }: OneBlock): Value {
  const [batch, tokens] = x.shape as [Dim, Dim, number];
  const inHeads = (part: Value, perm: readonly number[]) =>
    transpose(g, reshape(g, part, [batch, tokens, heads, width / heads]), perm);
  const [q, k, v] = queryKeyValue(g, x, prefix, width);
  const scaled = mul(g, inHeads(q, [0, 2, 1, 3]), g.scalar((width / heads) ** -0.5)); // BxHxNxd
  const products = matmul(g, scaled, inHeads(k, [0, 2, 3, 1])); // BxHxNxN
  const scores = softmax(g, mask ? add(g, products, mask) : products);
  const mixed = transpose(g, matmul(g, scores, inHeads(v, [0, 2, 1, 3])), [0, 2, 1, 3]); // BxNxHxd
  return linear(g, reshape(g, mixed, [batch, tokens, width]), `${prefix}.out_proj`);
}

/** From one tensor in OpenAI's files, from three in Hugging Face's. */
function queryKeyValue(
  g: GraphBuilder,
  x: Value,
  prefix: string,
  width: number,
): readonly [Value, Value, Value] {
  if (!g.hasWeight(`${prefix}.in_proj_weight`)) {
    const part = (name: string) => linear(g, x, `${prefix}.${name}_proj`);
    return [part("q"), part("k"), part("v")];
  }
  const product = matmul(g, x, transpose(g, g.weight(`${prefix}.in_proj_weight`), [1, 0]));
  const fused = add(g, product, g.weight(`${prefix}.in_proj_bias`)); // BxNx3W
  return split(g, fused, [width, width, width], 2) as [Value, Value, Value];
}

/**
 * Features of tokens BxW: x · matrix as OpenAI stores it, or Hugging Face's linear layer without bias.
 *
 * @param names key of the matrix [W, E], and key of the linear layer without `.weight`
 */
export function project(
  g: GraphBuilder,
  x: Value,
  names: { readonly matrix: string; readonly linear: string },
): Value {
  return g.hasWeight(`${names.linear}.weight`)
    ? linear(g, x, names.linear)
    : matmul(g, x, g.weight(names.matrix));
}
