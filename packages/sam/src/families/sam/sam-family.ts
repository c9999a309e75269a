/** Segment Anything as published in 2023, with the encoders of SAM (ViT) and MobileSAM (TinyViT). */

import type { ModelFamily } from "../../model/model-family.js";
import type { ModelIo } from "../../model/model-io.js";
import { type Architecture, embeddingSide, maskSide } from "./architecture.js";
import { encoderGraph } from "./encoder-graph.js";
import { buildDecoderPreparation } from "./fast/decoder-preparation.js";
import { fovealDecoder } from "./fast/foveal-decoder.js";
import { buildFastDecoder } from "./fast/mask-decoder.js";
import { inferArchitecture } from "./infer-architecture.js";
import { mapHuggingFaceKeys } from "./key-maps.js";
import { buildExportDecoder, buildExportEncoder, EXPORT_OPSET } from "./onnx-export.js";
import { prepareImage } from "./prepare-image.js";
import { restoreArchitecture } from "./restore-architecture.js";

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
  foveal: fovealDecoder,
  exported: (tensors, architecture, options) => ({
    encoder: buildExportEncoder(
      encoderGraph(tensors, architecture.encoder, { form: "plain", opset: EXPORT_OPSET }),
    ),
    decoder: buildExportDecoder(tensors, architecture, options),
  }),
};

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
