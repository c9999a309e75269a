import type { WeightShapes } from "../graph/builder.js";
import type { Graph } from "../graph/types.js";
import type { Architecture } from "./architecture.js";
import { buildFastTinyVitEncoder } from "./fast/image-encoder-tiny-vit.js";
import { buildFastVitEncoder } from "./fast/image-encoder-vit.js";
import { buildTinyVitEncoder } from "./image-encoder-tiny-vit.js";
import { buildVitEncoder } from "./image-encoder-vit.js";

/** Whether a graph is written for reading, export and gradients, or for speed. */
export type GraphForm = "plain" | "fast";

/**
 * The image encoder of a model: `image` 1x3xSxS normalised to `image_embeddings` 1xCx(S/16)x(S/16), in either form.
 * `opset` applies to the plain form.
 */
export function encoderGraph(
  weights: WeightShapes,
  encoder: Architecture["encoder"],
  form: GraphForm = "fast",
  opset = 20,
): Graph {
  switch (encoder.kind) {
    case "vit":
      return form === "fast"
        ? buildFastVitEncoder(weights, encoder)
        : buildVitEncoder(weights, encoder, opset);
    case "tiny_vit":
      return form === "fast"
        ? buildFastTinyVitEncoder(weights, encoder)
        : buildTinyVitEncoder(weights, encoder, opset);
  }
}
