/** A masked autoencoder (MAE; He et al., arXiv 2111.06377) around a ViT image encoder. */
import type { GraphBuilder, Value, WeightShapes } from "@segany/graph";
import { add, concat, div, gather, mul, reduceMean, reduceSum, reshape, sub } from "@segany/graph/ops";
import type { RunTensor } from "@segany/runtime";
import { layerNorm, linear, type PatchEncoder, tokenBlock } from "@segany/sam/training";
import type { Losses } from "../step/objective.js";
import { cutPatches, normalizePatches, type PatchMask, visibleCount } from "./patches.js";
import { sinCosPositions } from "./positions.js";

/** The size of an autoencoder. */
export interface AutoencoderSettings {
  /** Images of a step. */
  readonly batch: number;
  /** Share of the patches that are hidden. */
  readonly maskedShare: number;
  /** Blocks, channels and heads of the decoder, which is thrown away afterwards. */
  readonly decoderDepth: number;
  readonly decoderWidth: number;
  readonly decoderHeads: number;
}

/** What the names of the weights begin with that are only here for pre-training. */
const PREFIX = "mae";

/** Hidden channels of a decoder block's MLP, in widths of it. */
const MLP_RATIO = 4;

/** Shapes of the weights beside the encoder's own. */
export function autoencoderShapes(encoder: PatchEncoder, settings: AutoencoderSettings): WeightShapes {
  const { decoderDepth, decoderWidth: width } = settings;
  const shapes = new Map<string, { readonly shape: readonly number[] }>();
  const pair = (name: string, shape: readonly number[]) => {
    shapes.set(`${PREFIX}.${name}.weight`, { shape });
    shapes.set(`${PREFIX}.${name}.bias`, { shape: [shape[0]!] });
  };
  pair("encoder_norm", [encoder.width]);
  pair("decoder_embed", [width, encoder.width]);
  shapes.set(`${PREFIX}.mask_token`, { shape: [1, width] });
  for (let index = 0; index < decoderDepth; index++) {
    const block = `decoder_blocks.${index}`;
    for (const norm of ["norm1", "norm2"]) pair(`${block}.${norm}`, [width]);
    pair(`${block}.attn.qkv`, [3 * width, width]);
    pair(`${block}.attn.proj`, [width, width]);
    pair(`${block}.mlp.lin1`, [MLP_RATIO * width, width]);
    pair(`${block}.mlp.lin2`, [width, MLP_RATIO * width]);
  }
  pair("decoder_norm", [width]);
  pair("decoder_pred", [patchLength(encoder), width]);
  return shapes;
}

/**
 * The loss of predicting the hidden patches from the visible ones, on the inputs of {@link autoencoderFeeds}.
 * Output `predicted` is BxNx(3·p·p), of every patch.
 */
export function buildAutoencoder(
  g: GraphBuilder,
  encoder: PatchEncoder,
  { batch, maskedShare, decoderDepth, decoderWidth, decoderHeads }: AutoencoderSettings,
): Losses {
  const count = encoder.side ** 2;
  const length = patchLength(encoder);
  const seen = visibleCount(count, maskedShare);
  const patches = g.input("visible", "float32", [batch, seen, length]);
  const positions = g.input("visible_positions", "float32", [batch, seen, encoder.width]);
  const encoded = encoder.blocks(g, add(g, encoder.embed(g, patches), positions)); // BxKxC
  const normed = layerNorm(g, encoded, `${PREFIX}.encoder_norm`);
  const known = reshape(g, linear(g, normed, `${PREFIX}.decoder_embed`), [batch * seen, decoderWidth]);
  const rows = concat(g, [known, g.weight(`${PREFIX}.mask_token`)], 0);
  const everywhere = gather(g, rows, g.input("rows", "int64", [batch, count]), 0); // BxNxd
  const places = g.constant(sinCosPositions(encoder.side, decoderWidth), [1, count, decoderWidth]);
  let tokens = add(g, everywhere, places);
  for (let index = 0; index < decoderDepth; index++)
    tokens = tokenBlock(g, tokens, `${PREFIX}.decoder_blocks.${index}`, decoderHeads);
  const predicted = linear(g, layerNorm(g, tokens, `${PREFIX}.decoder_norm`), `${PREFIX}.decoder_pred`);
  const targets = g.input("targets", "float32", [batch, count, length]);
  const hidden = g.input("hidden", "float32", [batch, count]);
  return { loss: hiddenPatchLoss(g, predicted, targets, hidden), outputs: { predicted } };
}

/** Mean squared error of hidden patches: predictions and targets BxNxD, `hidden` BxN of 0 and 1. */
export function hiddenPatchLoss(g: GraphBuilder, predicted: Value, targets: Value, hidden: Value): Value {
  const error = sub(g, predicted, targets);
  const ofPatch = reduceMean(g, mul(g, error, error), [2], false); // BxN
  const total = (value: Value) => reduceSum(g, value, [0, 1], false);
  return div(g, total(mul(g, ofPatch, hidden)), total(hidden));
}

/** An image for a step. */
export interface MaskedImage {
  /** The encoder's input, 3xSxS. */
  readonly pixels: Float32Array;
  readonly mask: PatchMask;
}

/**
 * A step's inputs.
 *
 * @param positions N x width of the encoder's positions
 */
export function autoencoderFeeds(
  images: readonly MaskedImage[],
  encoder: PatchEncoder,
  positions: Float32Array,
): Record<string, RunTensor> {
  const { side, patchSize, width } = encoder;
  const [batch, count, length] = [images.length, side ** 2, patchLength(encoder)];
  const seen = images[0]!.mask.visible.length;
  const cut = images.map(({ pixels }) => cutPatches(pixels, side * patchSize, patchSize));
  const targets = cut.map((patches) => normalizePatches(patches, length));
  const ofVisible = (values: (image: number) => Float32Array, size: number) =>
    joined(images.flatMap(({ mask }, i) => mask.visible.map((patch) => rowOf(values(i), patch, size))));
  const rows = new BigInt64Array(batch * count).fill(BigInt(batch * seen)); // the mask token's row
  images.forEach(({ mask }, image) => {
    mask.visible.forEach((patch, i) => {
      rows[image * count + patch] = BigInt(image * seen + i);
    });
  });
  return {
    visible: floats(
      [batch, seen, length],
      ofVisible((image) => cut[image]!, length),
    ),
    visible_positions: floats(
      [batch, seen, width],
      ofVisible(() => positions, width),
    ),
    rows: { dtype: "int64", shape: [batch, count], data: rows },
    targets: floats([batch, count, length], joined(targets)),
    hidden: floats([batch, count], joined(images.map(({ mask }) => mask.hidden))),
  };
}

function patchLength({ patchSize }: PatchEncoder): number {
  return 3 * patchSize ** 2;
}

function rowOf(values: Float32Array, row: number, width: number): Float32Array {
  return values.subarray(row * width, (row + 1) * width);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function floats(shape: readonly number[], data: Float32Array): RunTensor {
  return { dtype: "float32", shape, data };
}
