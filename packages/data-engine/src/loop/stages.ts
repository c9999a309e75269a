import { type Mask, type MaskRecord, type MaskRuns, rleToRuns, runsToMask } from "@segany/masks";
import { type Sam, SamPredictor } from "@segany/sam";
import { type Random, readTrainingImage } from "@segany/training";
import type { WorkEvent } from "../annotations/annotation.js";
import { matchMasks } from "../review/match-masks.js";
import { auditMasks } from "./audit.js";
import { findCandidates, GOOD_CANDIDATE } from "./candidates.js";
import { type Confidence, type JudgedCandidate, judgeCandidates } from "./confidence.js";
import { type FinishedMask, type SimulatedImage, type Workplace, workThrough } from "./project-work.js";
import type { AuditResult, SimulateEvent, SimulateOptions, StageResult } from "./simulate-options.js";
import { type ClickedMask, clickMasks } from "./simulated-annotator.js";

/** A stage's model, images and place of work. */
export interface StageContext {
  readonly sam: Sam;
  readonly images: readonly SimulatedImage[];
  readonly options: SimulateOptions;
  readonly random: Random;
  readonly workplace: Workplace;
  readonly onEvent: (event: SimulateEvent) => void;
}

/** What a stage gives: its figures, and an audit where there is one. */
export interface StageWork {
  readonly result: Omit<StageResult, "stage" | "miou@1" | "confidence">;
  readonly audit?: AuditResult;
}

/** Least IoU of a pre-filled mask that a person corrects; others are deleted. */
const CORRECTED_IOU = 0.5;

/** Stage 1, assisted-manual: every object is clicked. */
export async function annotateManually(at: StageContext): Promise<StageWork> {
  const sums = { masks: 0, clicks: 0, good: 0 };
  await eachImage(at, "Stage 1: clicking", async (image) => {
    const truths = truthsOf(image);
    const clicked = await clickMasks(
      await openImage(at, image),
      truths.map((truth) => ({ truth })),
      clicking(at),
    );
    sums.masks += clicked.length;
    sums.clicks += clicked.reduce((sum, { clicks }) => sum + clicks.length, 0);
    sums.good += clicked.filter(({ iou }) => iou >= at.options.goodIou).length;
    return clicked.map((each) => toFinished(at, each, "manual"));
  });
  return {
    result: {
      clicks_per_mask: sums.clicks / sums.masks,
      masks_per_image: sums.masks / at.images.length,
      accepted_share: sums.good / sums.masks,
    },
  };
}

/** Stage 2, semi-automatic: confident masks are there already; the rest is clicked. */
export async function fillAndCorrect(at: StageContext, confidence: Confidence): Promise<StageWork> {
  const sums = { masks: 0, clicks: 0, filled: 0, kept: 0, good: 0 };
  await eachImage(at, "Stage 2: correcting", async (image) => {
    const filled = (await candidatesOf(at, image)).filter(confidence.suffices);
    const masks = filled.map(({ segmentation }) => rleToRuns(segmentation));
    const truths = image.sample.masks.map((mask) => mask.runs());
    const pairs = new Map(matchMasks(truths, masks, CORRECTED_IOU).map((pair) => [pair.a, pair]));
    const targets = truths.map((truth, i) => {
      const pair = pairs.get(i);
      return { truth: runsToMask(truth), ...(pair && { start: runsToMask(masks[pair.b]!) }) };
    });
    const clicked = await clickMasks(await openImage(at, image), targets, clicking(at));
    const ious = [...pairs.values()].map(({ iou }) => iou);
    sums.masks += clicked.length;
    sums.filled += filled.length;
    sums.kept += ious.filter((iou) => iou >= at.options.goodIou).length;
    sums.good += ious.filter((iou) => iou >= GOOD_CANDIDATE).length;
    sums.clicks += clicked.reduce((sum, { clicks }) => sum + clicks.length, 0) + (filled.length - pairs.size);
    return clicked.map((each, i) => toFinished(at, each, pairs.has(i) ? "semi-automatic" : "manual"));
  });
  return {
    result: {
      clicks_per_mask: sums.clicks / sums.masks,
      masks_per_image: sums.masks / at.images.length,
      accepted_share: sums.filled === 0 ? 0 : sums.kept / sums.filled,
      ...(sums.filled > 0 && { prefilled_precision: sums.good / sums.filled }),
    },
  };
}

/** Stage 3, fully automatic: confident masks are all there is; a sample of them is audited. */
export async function fillAutomatically(at: StageContext, confidence: Confidence): Promise<StageWork> {
  const found: { image: SimulatedImage; mask: MaskRuns }[] = [];
  await eachImage(at, "Stage 3: everything mode", async (image) => {
    const kept = (await candidatesOf(at, image)).filter(confidence.suffices);
    return kept.map((each) => {
      const mask = rleToRuns(each.segmentation);
      found.push({ image, mask });
      const { predictedIou, stabilityScore } = each;
      const scores = { predictedIou, stabilityScore, confidence: confidence.of(each) };
      return { mask: runsToMask(mask), source: "automatic", events: [], scores };
    });
  });
  const audit = auditMasks(found, at.options.auditMasks, at.random);
  return {
    result: {
      clicks_per_mask: 0,
      masks_per_image: found.length / at.images.length,
      accepted_share: audit["share@75"],
    },
    audit,
  };
}

/** Compares everything mode with the truth of images that people have labelled. */
export async function judgeImages(
  at: StageContext,
  images: readonly SimulatedImage[],
): Promise<readonly JudgedCandidate[]> {
  const judged: JudgedCandidate[] = [];
  for (const [done, image] of images.entries()) {
    at.onEvent({ kind: "image", what: "Learning confidence", done, total: images.length });
    const accepted = image.sample.masks.map((mask) => mask.runs());
    judged.push(...judgeCandidates(image.id, await candidatesOf(at, image), accepted, GOOD_CANDIDATE));
  }
  return judged;
}

async function candidatesOf(
  { sam, options }: StageContext,
  { sample }: SimulatedImage,
): Promise<MaskRecord[]> {
  const { pointsPerSide, signal } = options;
  return findCandidates(sam, await readTrainingImage(sample), { pointsPerSide, signal });
}

async function openImage({ sam, options }: StageContext, { sample }: SimulatedImage): Promise<SamPredictor> {
  const predictor = new SamPredictor(sam);
  await predictor.setImage(await readTrainingImage(sample), options.signal ? { signal: options.signal } : {});
  return predictor;
}

const clicking = ({ options, random }: StageContext) => ({ ...options, random });

const truthsOf = ({ sample }: SimulatedImage): Mask[] => sample.masks.map((mask) => runsToMask(mask.runs()));

async function eachImage(
  at: StageContext,
  what: string,
  work: (image: SimulatedImage) => Promise<readonly FinishedMask[]>,
): Promise<void> {
  let done = 0;
  const images = new Map(at.images.map((image) => [image.id, image]));
  await workThrough(at.workplace, images, async (image) => {
    at.onEvent({ kind: "image", what, done: done++, total: at.images.length });
    return work(image);
  });
}

function toFinished(
  { workplace }: StageContext,
  { mask, clicks }: ClickedMask,
  source: FinishedMask["source"],
): FinishedMask {
  const at = workplace.engine.context.now();
  const events = clicks.map(({ point, label }): WorkEvent => ({ at, kind: "click", point, label }));
  return { mask, source, events };
}
