/** Segment Anything as published in 2023, with the encoders of SAM (ViT) and MobileSAM (TinyViT). */

import type { WeightShapes } from "@segany/graph";
import type { ModelFamily, NetworkPart, PlainNetwork } from "../../model/model-family.js";
import type { ModelIo } from "../../model/model-io.js";
import { type Architecture, embeddingSide, maskSide } from "./architecture.js";
import { cellLogits } from "./cell-logits.js";
import { decode } from "./decoder-graph.js";
import { encode, encoderGraph } from "./encoder-graph.js";
import { encoderDepth, layerOf } from "./encoder-layers.js";
import { buildDecoderPreparation } from "./fast/decoder-preparation.js";
import { fovealDecoder } from "./fast/foveal-decoder.js";
import { buildFastDecoder } from "./fast/mask-decoder.js";
import { inferArchitecture } from "./infer-architecture.js";
import { mapHuggingFaceKeys } from "./key-maps.js";
import { buildExportDecoder, buildExportEncoder, EXPORT_OPSET } from "./onnx-export.js";
import { patchEncoder } from "./patch-encoder.js";
import { GAUSSIAN_KEY } from "./positional-encoding.js";
import { prepareImage } from "./prepare-image.js";
import { restoreArchitecture } from "./restore-architecture.js";

const IMAGENET_CLASSES = 1000;

export const samFamily: ModelFamily<Architecture> = {
  name: "sam",
  keyRoots: [
    ...["image_encoder", "prompt_encoder", "mask_decoder"],
    ...["vision_encoder", "shared_image_embedding"], // Hugging Face's
  ],
  matches: (tensors) => [...tensors.keys()].some((key) => key.startsWith("image_encoder.")),
  infer: inferArchitecture,
  mapKeys: mapHuggingFaceKeys,
  isDecoderKey: (key) => /^(prompt_encoder|mask_decoder)\./.test(key),
  isHarmless: (key) => /^image_encoder\.(?:norm_)?head\./.test(key), // classes of ImageNet
  restore: restoreArchitecture,
  withPreprocessing: (architecture, preprocessing) => ({ ...architecture, preprocessing }),
  io: samIo,
  prepare: prepareImage,
  encoder: (tensors, { encoder }, options) => encoderGraph(tensors, encoder, options),
  preparation: (tensors, architecture) => buildDecoderPreparation(tensors, architecture),
  decoder: (tensors, architecture, options) => buildFastDecoder(tensors, architecture, options),
  network: samNetwork,
  foveal: fovealDecoder,
  exported: (tensors, architecture, options) => ({
    encoder: buildExportEncoder(
      encoderGraph(tensors, architecture.encoder, { form: "plain", opset: EXPORT_OPSET }),
    ),
    decoder: buildExportDecoder(tensors, architecture, options),
  }),
};

function samNetwork(architecture: Architecture): PlainNetwork {
  return {
    partOf,
    linearLayer,
    unusedWeights: unusedWeights(architecture),
    encoderDepth: encoderDepth(architecture.encoder),
    layerOf: (key) => layerOf(key, architecture.encoder),
    encode: (g, { image }, branch) => ({ image_embeddings: encode(g, image!, architecture.encoder, branch) }),
    decode: (g, { image_embeddings: embeddings }, options) =>
      decode(g, architecture, embeddings!, options, cellLogits),
    ...(architecture.encoder.kind === "vit" && { patches: patchEncoder(architecture.encoder) }),
  };
}

function partOf(key: string): NetworkPart | undefined {
  if (key === GAUSSIAN_KEY || /\.(running_mean|running_var|num_batches_tracked)$/.test(key)) return undefined;
  if (key.startsWith("mask_decoder.")) return "mask-decoder";
  if (key.startsWith("prompt_encoder.")) return "prompt-encoder";
  return key.startsWith("image_encoder.neck.") ? "neck" : "image-encoder";
}

/** MobileSAM's encoder was a classifier of a thousand classes; its checkpoint has that head still. */
function unusedWeights({ encoder }: Architecture): WeightShapes {
  if (encoder.kind !== "tiny_vit") return new Map();
  const width = encoder.embedDims.at(-1)!;
  const shapes = {
    "norm_head.weight": [width],
    "norm_head.bias": [width],
    "head.weight": [IMAGENET_CLASSES, width],
    "head.bias": [IMAGENET_CLASSES],
  };
  return new Map(Object.entries(shapes).map(([key, shape]) => [`image_encoder.${key}`, { shape }]));
}

function linearLayer(key: string): "attention" | "other" | undefined {
  if (/\.(qkv|proj|[qkv]_proj|out_proj)\.weight$/.test(key) && !key.includes("patch_embed"))
    return "attention";
  return /\.(fc[12]|lin[12]|layers\.\d+)\.weight$/.test(key) ? "other" : undefined;
}

function samIo({ encoder, decoder, preprocessing }: Architecture): ModelIo {
  const side = embeddingSide(encoder);
  return {
    imageSide: encoder.imageSize,
    fit: preprocessing?.resize === "square" ? "stretch" : "pad",
    features: { image_embeddings: [1, encoder.outChannels, side, side] },
    maskSide: maskSide(encoder),
    tokenWidth: decoder.transformerDim,
  };
}
