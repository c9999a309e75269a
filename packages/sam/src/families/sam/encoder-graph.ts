import type { Graph, GraphBuilder, Value, WeightShapes } from "@segany/graph";
import type { EncoderGraphOptions } from "../../model/graph-options.js";
import type { ResidualBranch } from "../../model/model-family.js";
import type { Architecture } from "./architecture.js";
import { buildFastTinyVitEncoder } from "./fast/image-encoder-tiny-vit.js";
import { buildFastVitEncoder } from "./fast/image-encoder-vit.js";
import { buildTinyVitEncoder, imageEncoderTinyVit } from "./image-encoder-tiny-vit.js";
import { buildVitEncoder, imageEncoderVit } from "./image-encoder-vit.js";

/**
 * The image encoder of a model: `image` 1x3xSxS normalised to `image_embeddings` 1xCx(S/16)x(S/16), in either
 * form.
 */
export function encoderGraph(
  weights: WeightShapes,
  encoder: Architecture["encoder"],
  options: EncoderGraphOptions = {},
): Graph {
  if (options.form === "plain") {
    return encoder.kind === "vit"
      ? buildVitEncoder(weights, encoder, options.opset)
      : buildTinyVitEncoder(weights, encoder, options.opset);
  }
  const { precision = "fp32", threads = 2 } = options;
  switch (encoder.kind) {
    case "vit":
      return buildFastVitEncoder(weights, encoder, { precision, headsPerCall: Math.max(2, threads) });
    case "tiny_vit":
      return buildFastTinyVitEncoder(weights, encoder, precision);
  }
}

/** The image encoder in plain form on a builder of the caller's: 1x3xSxS to 1xCx(S/16)x(S/16). */
export function encode(
  g: GraphBuilder,
  image: Value,
  encoder: Architecture["encoder"],
  branch?: ResidualBranch,
): Value {
  return encoder.kind === "vit"
    ? imageEncoderVit(g, image, encoder, branch)
    : imageEncoderTinyVit(g, image, encoder, branch);
}
