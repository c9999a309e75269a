import {
  createGraphBuilder,
  type Dim,
  type Graph,
  type GraphBuilder,
  type Value,
  type WeightShapes,
} from "@segany/graph";
import { add, argMax, cast, gatherPerRow, mul, shapeOf, slice, sub, unsqueeze } from "@segany/graph/ops";
import { SamError } from "@segany/masks";
import type { ExportOptions } from "../../model/graph-options.js";
import { type Architecture, embeddingSide, maskSide } from "./architecture.js";
import { type MaskPredictions, pixelLogits, predictMasks } from "./mask-decoder.js";
import { maskAreas, stabilityScores, toOriginalImage } from "./mask-postprocessing.js";
import { embedDensePrompt, embedSparsePrompts } from "./prompt-encoder.js";

/** Version of ONNX's operator set that exported files use, as Meta's script does by default. */
export const EXPORT_OPSET = 17;

/**
 * Prompt encoder, mask decoder and upscaling as one file for any ONNX runtime, with the names and meaning of
 * Meta's exported decoder: standard operators, one prompt, or B with `dynamicBatch`, any number of points.
 *
 * Inputs: `image_embeddings` 1xCxSxS; `point_coords` 1xNx2 in the model's frame and `point_labels` 1xN (a box
 * as labels 2 and 3; without one a last point (0, 0) labelled -1); `mask_input` 1x1x4Sx4S; `has_mask_input`
 * [1]; `orig_im_size` [2] as (height, width). Outputs: `masks` 1xMxHxW logits, `iou_predictions` 1xM, with
 * extra metrics `stability_scores` and `areas` 1xM, and `low_res_masks` 1xMx4Sx4S. Meta's script leaves the
 * extra metrics without names; here each output has its own.
 *
 * @throws SamError `checkpoint-invalid` when the checkpoint lacks one of the tensors
 */
export function buildExportDecoder(
  weights: WeightShapes,
  architecture: Architecture,
  options: ExportOptions = {},
): Graph {
  const { returnSingleMask = false, useStabilityScore = false, returnExtraMetrics = false } = options;
  const g = createGraphBuilder("sam_decoder", weights, EXPORT_OPSET);
  const inputs = declareInputs(g, architecture, options.dynamicBatch ? "num_prompts" : 1);
  const predicted = predict(g, architecture, inputs, options.geluApproximate ? "tanh" : "none");
  const scored = useStabilityScore
    ? { ...predicted, iouPredictions: stabilityScores(g, predicted.masks) }
    : predicted;
  const { masks, iouPredictions } = returnSingleMask ? selectMask(g, scored, inputs.pointCoords) : scored;
  const fullSize = toOriginalImage(g, masks, inputs.origImSize, architecture.encoder.imageSize);
  g.output("masks", fullSize);
  g.output("iou_predictions", iouPredictions);
  if (returnExtraMetrics) {
    g.output("stability_scores", stabilityScores(g, fullSize));
    g.output("areas", maskAreas(g, fullSize, 0));
  }
  g.output("low_res_masks", masks);
  return g.finish();
}

/**
 * Checks that an encoder's graph can be exported beside the decoder: `image` in, `image_embeddings` out,
 * standard operators of the same version. The plain form built for {@link EXPORT_OPSET} is such a graph.
 *
 * @returns the same graph
 * @throws SamError `graph-invalid` saying what stands in the way
 */
export function buildExportEncoder(encoder: Graph): Graph {
  const names = [...encoder.inputs, ...encoder.outputs].map((value) => value.name).join();
  const foreign = encoder.nodes.find((node) => node.domain !== "");
  const refuse = (reason: string) =>
    new SamError("graph-invalid", `The encoder cannot be exported: ${reason}.`);
  if (foreign) throw refuse(`the operator ${foreign.domain}.${foreign.opType} is not a standard one`);
  if (encoder.opset !== EXPORT_OPSET)
    throw refuse(`its operator set is ${encoder.opset}, not ${EXPORT_OPSET}`);
  if (names !== "image,image_embeddings") throw refuse(`its inputs and outputs are ${names}`);
  return encoder;
}

interface ExportInputs {
  readonly imageEmbeddings: Value;
  readonly pointCoords: Value;
  readonly pointLabels: Value;
  readonly maskInput: Value;
  readonly hasMaskInput: Value;
  readonly origImSize: Value;
}

/** In the order of Meta's script. */
function declareInputs(g: GraphBuilder, { encoder, decoder }: Architecture, batch: Dim): ExportInputs {
  const [side, rough] = [embeddingSide(encoder), maskSide(encoder)];
  return {
    imageEmbeddings: g.input("image_embeddings", "float32", [1, decoder.transformerDim, side, side]),
    pointCoords: g.input("point_coords", "float32", [batch, "num_points", 2]),
    pointLabels: g.input("point_labels", "float32", [batch, "num_points"]),
    maskInput: g.input("mask_input", "float32", [batch, 1, rough, rough]),
    hasMaskInput: g.input("has_mask_input", "float32", [batch]),
    origImSize: g.input("orig_im_size", "float32", [2]),
  };
}

function predict(
  g: GraphBuilder,
  architecture: Architecture,
  inputs: ExportInputs,
  form: "none" | "tanh",
): MaskPredictions {
  return predictMasks(
    g,
    architecture,
    {
      imageEmbeddings: inputs.imageEmbeddings,
      sparsePrompts: embedSparsePrompts(g, inputs, architecture.encoder.imageSize),
      densePrompt: embedDensePrompt(g, inputs, form),
      tokenBias: undefined,
    },
    (...cells) => pixelLogits(...cells, form),
  );
}

/**
 * Picks one mask without a branch: the first token's score is moved by 1000 · (points - 2.5), so that it
 * loses against the others for up to two points and wins from three on (Meta's `SamOnnxModel.select_masks`).
 */
function selectMask(
  g: GraphBuilder,
  { masks, iouPredictions }: MaskPredictions,
  pointCoords: Value,
): MaskPredictions {
  const count = Number(iouPredictions.shape[1]);
  const points = cast(g, slice(g, shapeOf(g, pointCoords), 0, 1, 2), "float32"); // 1
  const shift = mul(g, sub(g, points, g.scalar(2.5)), g.scalar(1000));
  const isFirst = g.constant(
    Float32Array.from({ length: count }, (_, i) => (i === 0 ? 1 : 0)),
    [1, count],
  );
  const best = argMax(g, add(g, iouPredictions, mul(g, shift, isFirst)), 1); // B
  const pick = (values: Value) => unsqueeze(g, gatherPerRow(g, values, best), [1]);
  return { masks: pick(masks), iouPredictions: pick(iouPredictions) };
}
