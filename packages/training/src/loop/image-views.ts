import { createHash } from "node:crypto";
import type { EmbeddingCache } from "@segany/evaluation";
import { areaOfRuns, throwIfAborted } from "@segany/masks";
import { type ImageEmbedding, modelInputSize, type Sam, SamPredictor } from "@segany/sam";
import type { TrainableModel } from "@segany/sam/training";
import {
  drawView,
  type View,
  type ViewSettings,
  viewImage,
  viewMask,
  viewPoint,
  wholeView,
} from "../augmentation/view.js";
import { readTrainingImage, type TrainingMask, type TrainingSample } from "../data/training-sample.js";
import { type ModelFrame, type Target, targetInModelFrame, withFirstClick } from "../prompts/target.js";
import { createRandom } from "../random/random.js";
import type { EncodedImage } from "./train-image.js";

/** An image's views, the whole one first. */
export interface ViewedImage {
  readonly image: TrainingSample;
  readonly views: readonly View[];
}

/** Draws the views of a set, the same ones for the same seed. */
export function drawViews(
  images: readonly TrainingSample[],
  { seed, views, ...settings }: ViewSettings & { readonly seed: number; readonly views: number },
): ViewedImage[] {
  const random = createRandom(seed);
  return images.map((image) => ({
    image,
    views: [
      wholeView(image.size),
      ...Array.from({ length: views - 1 }, () => drawView(random, image.size, settings)),
    ],
  }));
}

/** What encodes views, and keeps what it encoded. */
export interface ViewEncoder {
  readonly model: TrainableModel["model"];
  readonly embeddings: EmbeddingCache;
  /** Opens the model; called when a view is not kept yet. */
  readonly openSam: () => Promise<Sam>;
  readonly signal?: AbortSignal | undefined;
}

/** The feature maps of a view, kept or encoded. */
export async function encodeView(
  encoder: ViewEncoder,
  image: TrainingSample,
  view: View,
): Promise<EncodedImage["features"]> {
  const { features } = await embedView(encoder, image, view);
  return Object.fromEntries(
    Object.entries(features).map(([name, map]) => [name, { dtype: "float32" as const, ...map }]),
  );
}

/**
 * Encodes all views of some images that are not kept yet.
 *
 * @throws SamError `aborted`, between two views
 */
export async function encodeViews(
  encoder: ViewEncoder,
  images: readonly ViewedImage[],
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const all = images.flatMap(({ image, views }) => views.map((view) => ({ image, view })));
  for (const [done, { image, view }] of all.entries()) {
    throwIfAborted(encoder.signal);
    onProgress(done, all.length);
    await encodeView(encoder, image, view);
  }
  onProgress(all.length, all.length);
}

/** The embedding of a view, kept or made. */
export async function embedView(
  { model, embeddings, openSam, signal }: ViewEncoder,
  image: TrainingSample,
  view: View,
): Promise<ImageEmbedding> {
  const file = await image.open();
  const key = Buffer.from(`view ${createHash("sha256").update(file).digest("hex")} ${JSON.stringify(view)}`);
  return embeddings.get(key, model, async () => {
    const predictor = new SamPredictor(await openSam());
    const pixels = await readTrainingImage(image, file);
    await predictor.setImage(viewImage(pixels, view), signal ? { signal } : {});
    return predictor.getImageEmbedding();
  });
}

/** A target, and the object whose it is. */
export interface ViewTarget extends Target {
  readonly object: TrainingMask;
}

/** The targets of a view, of the objects that it shows and that are not too small for the logits. */
export function viewTargets(
  model: TrainableModel["model"],
  { masks }: TrainingSample,
  view: View,
): ViewTarget[] {
  const frame = viewFrame(model, view);
  return masks.flatMap((object) => {
    const mask = viewMask(object.runs(), view);
    if (areaOfRuns(mask) === 0) return [];
    const target = targetInModelFrame(mask, frame);
    const click = object.firstClick && viewPoint(object.firstClick, view);
    const clicked = click ? withFirstClick(target, click, mask) : target;
    return clicked.area > 0 ? [{ ...clicked, object }] : [];
  });
}

/** A model's frames for a view. */
export function viewFrame(
  { imageSide, maskSide, fit }: TrainableModel["model"],
  { crop: [, , width, height] }: View,
): ModelFrame {
  return { imageSide, maskSide, inputSize: modelInputSize({ width, height }, { imageSide, fit }) };
}
