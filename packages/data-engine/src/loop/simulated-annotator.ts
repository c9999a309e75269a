import { type Click, type ImagePoint, interiorPoint, type Mask, maskIou, nextClick } from "@segany/masks";
import type { SamPredictor } from "@segany/sam";
import type { Random } from "@segany/training";

/** How an annotator works whom ground truth plays. */
export interface AnnotatorOptions {
  /** IoU to the truth from which a mask is good enough. */
  readonly goodIou: number;
  readonly maxClicks: number;
  /** Standard deviation of a click's place, pixels of the image. */
  readonly noisePx: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

/** A mask that was clicked. */
export interface ClickedMask {
  /** The best one that the clicks gave. */
  readonly mask: Mask;
  readonly iou: number;
  readonly clicks: readonly Click[];
}

/** A mask to click, from nothing or from one that is to be corrected. */
export interface ClickTarget {
  /** Not empty. */
  readonly truth: Mask;
  readonly start?: Mask;
}

interface Session extends ClickTarget {
  clicks: Click[];
  present: Mask | undefined;
  logits: Float32Array | undefined;
  best: { mask: Mask | undefined; iou: number };
}

/**
 * Clicks on objects of the predictor's image until each mask is good enough, by the paper's rule: first at
 * the object's deepest place, then at the deepest place of the error (section 7.1). All objects go side by
 * side, one decoder call a click.
 */
export async function clickMasks(
  predictor: Pick<SamPredictor, "predictBatch">,
  targets: readonly ClickTarget[],
  options: AnnotatorOptions,
): Promise<readonly ClickedMask[]> {
  const sessions = targets.map(
    (target): Session => ({
      ...target,
      clicks: [],
      present: target.start,
      logits: undefined,
      best: { mask: target.start, iou: target.start ? maskIou(target.start, target.truth) : -1 },
    }),
  );
  for (let click = 1; click <= options.maxClicks; click++) {
    const active = sessions.filter(
      (session) => session.best.iou < options.goodIou && addClick(session, options),
    );
    if (active.length === 0) break;
    await predictOnce(predictor, active, options.signal);
  }
  return sessions.map(({ best, clicks, truth }) => ({ mask: best.mask ?? truth, iou: best.iou, clicks }));
}

/** Adds the next click. @returns false if nothing is left to correct */
function addClick({ truth, present, clicks }: Session, options: AnnotatorOptions): boolean {
  const place = interiorPoint(truth);
  const click: Click | null = present ? nextClick(present, truth) : place && { point: place, label: 1 };
  if (!click) return false;
  const isWanted = (point: ImagePoint) => valueAt(truth, point) === click.label;
  clicks.push({ ...click, point: jitter(click.point, isWanted, options) });
  return true;
}

/** Attempts to keep a noisy click on what was aimed at. */
const MAX_ATTEMPTS = 10;

/** A place near the point, on the same side of the truth's outline: people don't miss the object itself. */
function jitter(
  point: ImagePoint,
  isWanted: (point: ImagePoint) => boolean,
  { noisePx, random }: AnnotatorOptions,
): ImagePoint {
  for (let attempt = 0; noisePx > 0 && attempt < MAX_ATTEMPTS; attempt++) {
    const moved = point.map((value) =>
      Math.round(value + noisePx * random.normal()),
    ) as unknown as ImagePoint;
    if (isWanted(moved)) return moved;
  }
  return point;
}

function valueAt({ width, height, data }: Mask, [x, y]: ImagePoint): number {
  return x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x]! : -1;
}

async function predictOnce(
  predictor: Pick<SamPredictor, "predictBatch">,
  sessions: readonly Session[],
  signal: AbortSignal | undefined,
): Promise<void> {
  // A first click is ambiguous: the most confident of three masks is taken. Later ones have one answer.
  for (const isFirst of [true, false]) {
    const group = sessions.filter(({ clicks, start }) => (clicks.length === 1 && !start) === isFirst);
    if (group.length === 0) continue;
    const prompts = group.map(({ clicks, logits }) => ({
      pointCoords: clicks.map(({ point }) => point),
      pointLabels: clicks.map(({ label }) => label),
      ...(logits && { maskInput: logits }),
    }));
    const predictions = await predictor.predictBatch(prompts, {
      multimaskOutput: isFirst,
      ...(signal && { signal }),
    });
    predictions.forEach(({ masks, iouPredictions, lowResLogits }, i) => {
      const chosen = iouPredictions.indexOf(Math.max(...iouPredictions));
      const session = group[i]!;
      session.present = masks[chosen]!;
      session.logits = lowResLogits[chosen]!;
      const iou = maskIou(session.present, session.truth);
      if (iou > session.best.iou) session.best = { mask: session.present, iou };
    });
  }
}
