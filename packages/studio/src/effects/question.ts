/** The question that a draft asks of the model. */

import {
  type ExclusiveBoxXyxy,
  exclusiveBox,
  type ImagePoint,
  imagePoint,
  runsToMask,
  type Size,
} from "@segany/masks";
import { type ImagePrompt, maskToLogits } from "@segany/sam";
import type { ModelFrame, OpenImage } from "../segmentation/types.js";
import type { Draft, Feedback } from "../state/document.js";

/** What is asked, and for how many masks. */
export interface Question {
  readonly prompt: ImagePrompt;
  readonly multimask: boolean;
}

/**
 * One click alone is ambiguous, and gets three masks if the user likes to choose; more clicks or a box say
 * what is meant.
 *
 * @returns null when there is nothing to ask, such as with a box without area
 */
export function questionOf(
  draft: Draft,
  image: Pick<OpenImage, "width" | "height" | "model">,
  likesToChoose: boolean,
): Question | null {
  const { points, feedback } = draft;
  const asked = pointsAndBoxOf(draft, image);
  return (
    asked && {
      prompt: { ...asked, ...(feedback && { maskInput: logitsOf(feedback, image.model) }) },
      multimask: likesToChoose && points.length === 1 && !asked.box && !feedback,
    }
  );
}

/** The clicks and the box of a draft as they are asked: inside the image. Null when there is neither. */
export function pointsAndBoxOf({ points, boxXyxy }: Pick<Draft, "points" | "boxXyxy">, size: Size) {
  const box = boxXyxy && boxInside(boxXyxy, size);
  if (points.length === 0 && !box) return null;
  return {
    pointCoords: points.map(({ at }) => pointInside(at, size)),
    pointLabels: points.map(({ label }) => label),
    ...(box && { box }),
  };
}

/** What a click there would ask. */
export function questionAt(at: ImagePoint, size: Size, likesToChoose: boolean): Question {
  return {
    prompt: { pointCoords: [pointInside(at, size)], pointLabels: [1] },
    multimask: likesToChoose,
  };
}

function logitsOf(feedback: Feedback, model: ModelFrame): Float32Array {
  return feedback.from === "logits"
    ? feedback.lowResLogits
    : maskToLogits(runsToMask(feedback.shape.segmentation), {
        imageSize: feedback.shape.segmentation,
        model,
      });
}

function pointInside([x, y]: ImagePoint, { width, height }: Size): ImagePoint {
  return imagePoint([clamp(x, width), clamp(y, height)]);
}

function boxInside([x0, y0, x1, y1]: ExclusiveBoxXyxy, { width, height }: Size): ExclusiveBoxXyxy | null {
  const box = exclusiveBox([
    clamp(Math.min(x0, x1), width),
    clamp(Math.min(y0, y1), height),
    clamp(Math.max(x0, x1), width),
    clamp(Math.max(y0, y1), height),
  ]);
  return box[2] > box[0] && box[3] > box[1] ? box : null;
}

function clamp(value: number, length: number): number {
  return Math.min(Math.max(value, 0), length);
}
