import type { WeightShapes } from "../graph/builder.js";
import type { Graph } from "../graph/types.js";
import type { Architecture } from "./architecture.js";
import { buildFastTinyVitEncoder } from "./fast/image-encoder-tiny-vit.js";
import { buildFastVitEncoder } from "./fast/image-encoder-vit.js";
import { buildTinyVitEncoder } from "./image-encoder-tiny-vit.js";
import { buildVitEncoder } from "./image-encoder-vit.js";
import type { Precision } from "./precision.js";

/** Whether a graph is written for reading, export and gradients, or for speed. */
export type GraphForm = "plain" | "fast";

/** How an encoder is written: the fast form knows precisions, the plain form versions of the operator set. */
export type EncoderGraphOptions =
  | { readonly form: "plain"; readonly opset?: number }
  | { readonly form?: "fast"; readonly precision?: Precision };

/** The image encoder of a model: `image` 1x3xSxS normalised to `image_embeddings` 1xCx(S/16)x(S/16), in either form. */
export function encoderGraph(
  weights: WeightShapes,
  encoder: Architecture["encoder"],
  options: EncoderGraphOptions = {},
): Graph {
  const plain = options.form === "plain";
  switch (encoder.kind) {
    case "vit":
      return plain
        ? buildVitEncoder(weights, encoder, options.opset)
        : buildFastVitEncoder(weights, encoder, options);
    case "tiny_vit":
      return plain
        ? buildTinyVitEncoder(weights, encoder, options.opset)
        : buildFastTinyVitEncoder(weights, encoder, options.precision);
  }
}
