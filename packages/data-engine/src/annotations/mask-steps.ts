import type { Rle } from "@segany/masks";

/**
 * A step that makes a mask, in the order of time. Each works on the mask of the step before it, so that the
 * same steps make the same mask again. Coordinates are pixels of the image.
 */
export type MaskStep =
  /** Begins with the mask of the revision before. */
  | { readonly kind: "previous" }
  | PredictStep
  /** By hand: exactly these pixels become part of the mask, or cease to be. */
  | { readonly kind: "edit"; readonly change: Rle };

/** The model answers a prompt. */
export interface PredictStep {
  readonly kind: "predict";
  /** 1: on the object, 0: not on it. */
  readonly points: readonly (readonly [x: number, y: number, label: 0 | 1])[];
  /** x0, y0, x1, y1. */
  readonly box?: readonly [number, number, number, number];
  /** The rough mask: the logits of the step before, which is a prediction, or the mask as it is. */
  readonly rough?: "logits" | "mask";
  /** Whether three masks were asked for, or one. */
  readonly multimask: boolean;
  /** Islands and holes below this area were removed from the answer; pixels of the model's frame. */
  readonly specksPx?: number;
  /** Which of the masks was taken, from 0; `best`: the one that the model rates best. */
  readonly chosen: number | "best";
}
