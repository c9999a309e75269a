import { rleArea, rleToBoxXywh } from "@segany/masks";
import type { ImagePrompt, SamPredictor } from "@segany/sam";
import type { GroundedObject } from "@segany/sam/text";
import type { PredictRequest, PredictResponse } from "../contract/predict.js";

/** Runs a prediction for a request, and returns the masks as the contract defines them. */
export async function answerPrompt(
  predictor: SamPredictor,
  request: PredictRequest,
  signal: AbortSignal,
): Promise<PredictResponse> {
  const { textThreshold } = request;
  const { masks, iouPredictions, lowResLogits, grounding } = await predictor.predict({
    ...toPrompt(request),
    multimaskOutput: request.multimaskOutput ?? true,
    outputMode: "coco_rle",
    signal,
    ...(typeof textThreshold === "number" && { textThreshold }),
  });
  return {
    ...(grounding && {
      text_engine: grounding.engine,
      text_default_threshold: grounding.defaultThreshold,
    }),
    masks: masks.map((segmentation, index) => ({
      segmentation: { size: [...segmentation.size] as [number, number], counts: segmentation.counts },
      area: rleArea(segmentation),
      bbox: [...rleToBoxXywh(segmentation)] as [number, number, number, number],
      predicted_iou: iouPredictions[index]!,
      ...(request.returnLowResLogits && { low_res_logits: toBase64(lowResLogits[index]!) }),
      ...(grounding && foundFields(grounding.objects[index]!)),
    })),
  };
}

function foundFields({ label, category, score, boxXyxy: [x0, y0, x1, y1] }: GroundedObject) {
  const box: [number, number, number, number] = [x0, y0, x1, y1];
  return { label, ...(category !== undefined && { category }), text_score: score, text_box: box };
}

function toPrompt({
  pointCoords,
  pointLabels,
  box,
  maskInput,
  extraTokens,
  text,
}: PredictRequest): ImagePrompt {
  return {
    ...(typeof text === "string" && { text }),
    ...(pointCoords && { pointCoords }),
    ...(pointLabels && { pointLabels }),
    ...(box && { box }),
    ...(maskInput && {
      maskInput: typeof maskInput === "string" ? fromBase64(maskInput) : fromRows(maskInput),
    }),
    ...(extraTokens && {
      extraTokens: { shape: [extraTokens.length, extraTokens[0]!.length], data: fromRows(extraTokens) },
    }),
  };
}

function fromRows(rows: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(rows.flat());
}

function fromBase64(text: string): Float32Array {
  // a copy, since the offset of a Buffer may not be aligned
  const bytes = Uint8Array.from(Buffer.from(text, "base64"));
  return new Float32Array(bytes.buffer);
}

function toBase64(logits: Float32Array): string {
  return Buffer.from(logits.buffer, logits.byteOffset, logits.byteLength).toString("base64");
}
