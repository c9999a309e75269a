/** From objects that words describe to prompts for the decoder: one an object. */
import { printable, type RgbaImage, runsToMask, SamError, type Size } from "@segany/masks";
import { maskToLogits } from "./mask-to-logits.js";
import type { ModelIo } from "./model/model-io.js";
import type { Prediction } from "./prediction.js";
import type { ImagePrompt } from "./prompt.js";
import { chooseObjects } from "./text/choose-objects.js";
import type { Grounding, TextGrounder } from "./text/grounding.js";
import { checkWords } from "./text/words/check-words.js";

/**
 * Checks the words of a prompt against the engine that is to find their objects.
 *
 * @throws SamError `text-unavailable` without an engine or the image's pixels, and what the engine's `check`
 *   throws
 */
export function checkText(
  text: string,
  grounder: TextGrounder | undefined,
  pixels: RgbaImage | undefined,
): string {
  const words = grounder ? grounder.check(text) : checkWords(text);
  const unavailable = (reason: string) =>
    new SamError("text-unavailable", `The prompt "${printable(words)}" cannot be used: ${reason}`);
  if (!grounder)
    throw unavailable(
      "SAM's public weights do not understand text, and there is no engine that does. Give one to SamPredictor as grounder (openTextGrounder of @segany/sam/text), or use points or a box.",
    );
  if (!pixels)
    throw unavailable(
      "words need the image's pixels, and only its embedding is set. Call setImage, or give the image to setImageEmbedding.",
    );
  return words;
}

/** A prompt whose words have become objects: each has its own prompt, in the same order. */
export interface ResolvedText {
  readonly grounding: Grounding;
  readonly prompts: readonly ImagePrompt[];
}

/**
 * A prompt for each object that is chosen: its box, its mask as a rough one where it has one, and the points
 * of the prompt. An engine whose words are a prompt themselves has tokens in the place of box and mask, and
 * nothing is chosen.
 *
 * @param prompt checked, with words
 */
export function promptsOfText(
  { objects, ...grounding }: Grounding,
  prompt: ImagePrompt,
  {
    imageSize,
    model,
  }: { readonly imageSize: Size; readonly model: Pick<ModelIo, "imageSide" | "fit" | "maskSide"> },
): ResolvedText {
  const { pointCoords = [], pointLabels = [], box } = prompt;
  const chosen = objects.some(({ tokens }) => tokens) ? objects : chooseObjects(objects, prompt);
  const prompts = chosen.map(({ boxXyxy, mask, tokens }): ImagePrompt => {
    const points = { pointCoords, pointLabels };
    if (tokens) return { ...points, ...(box && { box }), extraTokens: tokens };
    const maskInput = mask && maskToLogits(runsToMask(mask), { imageSize, model });
    return { ...points, box: boxXyxy, ...(maskInput && { maskInput }) };
  });
  return { grounding: { ...grounding, objects: chosen }, prompts };
}

/** One prediction for each prompt again, with the best mask of each object that words have found. */
export function regroup<M>(
  resolved: readonly (ImagePrompt | ResolvedText)[],
  predictions: readonly Prediction<M>[],
): Prediction<M>[] {
  let next = 0;
  return resolved.map((each) => {
    if (!("grounding" in each)) return predictions[next++]!;
    const best = predictions.slice(next, next + each.prompts.length).map(bestMask);
    next += each.prompts.length;
    return {
      masks: best.map(({ mask }) => mask),
      iouPredictions: best.map(({ iou }) => iou),
      lowResLogits: best.map(({ logits }) => logits),
      grounding: each.grounding,
    };
  });
}

function bestMask<M>({ masks, iouPredictions, lowResLogits }: Prediction<M>) {
  const iou = Math.max(...iouPredictions);
  const place = iouPredictions.indexOf(iou);
  return { mask: masks[place]!, iou, logits: lowResLogits[place]! };
}
