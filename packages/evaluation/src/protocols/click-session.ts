import {
  type Click,
  type ExclusiveBoxXyxy,
  encodeRle,
  type ImagePoint,
  type Mask,
  maskToBoxXyxy,
  nextClick,
  type Rle,
  toExclusiveBox,
} from "@segany/masks";
import type { Prediction, SamPredictor } from "@segany/sam";
import { maskedIou } from "../metrics/masked-iou.js";

/** What simulated clicking found out about one mask. */
export interface ClickOutcome {
  readonly clicks: readonly Click[];
  /** IoU after each click; ends early when nothing was left to correct. */
  readonly ious: readonly number[];
  /** The best IoU of the three masks for the first click. */
  readonly oracleIou: number;
  /** IoU of the mask for the ground truth's box instead of clicks. */
  readonly boxIou: number;
  /** The mask after the first click. */
  readonly firstPrediction: Rle;
}

/** What is asked of the predictor, whose image is set. */
export type ClickPredictor = Pick<SamPredictor, "predictBatch">;

/** A mask to be found by clicks. */
export interface ClickTarget {
  /** Not empty; without the pixels to ignore. */
  readonly mask: Mask;
  readonly firstPoint: ImagePoint;
}

/** Rules of one simulation. */
export interface ClickOptions {
  /** Most clicks a mask. */
  readonly maxClicks: number;
  /** Clicks after which a mask is let be as soon as it has reached `goodIou`. */
  readonly leastClicks: number;
  readonly goodIou: number;
  readonly ignore: Mask | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Session {
  readonly target: Mask;
  readonly clicks: Click[];
  readonly ious: number[];
  prediction: Mask;
  lowResLogits: Float32Array;
  oracleIou: number;
  boxIou: number;
  firstPrediction: Rle;
}

/**
 * Clicks on many masks of one image side by side, one decoder call a click: the first click at the given
 * point, the most confident of three masks taken; each further one at the deepest place of the error, with
 * the logits before as a mask prompt and the decoder's single mask (paper, section 7.1 and appendix D.1).
 */
export async function simulateClicks(
  predictor: ClickPredictor,
  targets: readonly ClickTarget[],
  options: ClickOptions,
): Promise<ClickOutcome[]> {
  const sessions = await firstClicks(predictor, targets, options);
  await tryBoxes(predictor, sessions, options);
  let active = sessions;
  for (let click = 2; click <= options.maxClicks; click++) {
    active = active.filter((session) => wantsClick(session, options));
    if (active.length === 0) break;
    await clickOnce(predictor, active, options);
  }
  return sessions;
}

async function firstClicks(
  predictor: ClickPredictor,
  targets: readonly ClickTarget[],
  { ignore, signal }: ClickOptions,
): Promise<Session[]> {
  const prompts = targets.map(({ firstPoint }) => ({ pointCoords: [firstPoint], pointLabels: [1] }));
  const predictions = await predictor.predictBatch(prompts, {
    multimaskOutput: true,
    ...(signal && { signal }),
  });
  return predictions.map((prediction, i) => {
    const { mask: target, firstPoint } = targets[i]!;
    const best = mostConfident(prediction);
    const ious = prediction.masks.map((mask) => maskedIou(mask, target, ignore));
    return {
      target,
      clicks: [{ point: firstPoint, label: 1 }],
      ious: [ious[best]!],
      prediction: prediction.masks[best]!,
      lowResLogits: prediction.lowResLogits[best]!,
      oracleIou: Math.max(...ious),
      boxIou: Number.NaN,
      firstPrediction: encodeRle(prediction.masks[best]!),
    };
  });
}

async function tryBoxes(
  predictor: ClickPredictor,
  sessions: readonly Session[],
  { ignore, signal }: ClickOptions,
): Promise<void> {
  const prompts = sessions.map(({ target }) => ({ box: tightBox(target) }));
  const predictions = await predictor.predictBatch(prompts, {
    multimaskOutput: false,
    ...(signal && { signal }),
  });
  predictions.forEach(({ masks }, i) => {
    const session = sessions[i]!;
    session.boxIou = maskedIou(masks[0]!, session.target, ignore);
  });
}

/** The box around a mask from the first pixel's outer edge to the last one's, so that it is never empty. */
export function tightBox(mask: Mask): ExclusiveBoxXyxy {
  return toExclusiveBox(maskToBoxXyxy(mask));
}

/** Finds the next click; false when the mask is perfect or good enough by now. */
function wantsClick(
  { prediction, target, clicks, ious }: Session,
  { leastClicks, goodIou, ignore }: ClickOptions,
): boolean {
  if (ious.length >= leastClicks && Math.max(...ious) >= goodIou) return false;
  const click = nextClick(prediction, target, ignore ? { ignore } : {});
  if (click) clicks.push(click);
  return click !== null;
}

async function clickOnce(
  predictor: ClickPredictor,
  sessions: readonly Session[],
  { ignore, signal }: ClickOptions,
): Promise<void> {
  const prompts = sessions.map(({ clicks, lowResLogits }) => ({
    pointCoords: clicks.map(({ point }) => point),
    pointLabels: clicks.map(({ label }) => label),
    maskInput: lowResLogits,
  }));
  const predictions = await predictor.predictBatch(prompts, {
    multimaskOutput: false,
    ...(signal && { signal }),
  });
  predictions.forEach(({ masks, lowResLogits }, i) => {
    const session = sessions[i]!;
    session.prediction = masks[0]!;
    session.lowResLogits = lowResLogits[0]!;
    session.ious.push(maskedIou(masks[0]!, session.target, ignore));
  });
}

/** The number of the mask that the model rates highest. */
export function mostConfident({ iouPredictions }: Pick<Prediction, "iouPredictions">): number {
  return iouPredictions.indexOf(Math.max(...iouPredictions));
}
