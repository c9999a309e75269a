import type { MaskAnnotation } from "@segany/dataset";
import { decodeRle, type ImagePoint, imagePoint, interiorPoint, type Mask } from "@segany/masks";
import type { EvaluationSet, Sample } from "../data/samples.js";
import { iouAfterClicks, MAX_CLICKS, numberOfClicks } from "../metrics/number-of-clicks.js";
import { createRandom } from "../metrics/random.js";
import { createCaseKeeper } from "./case-keeper.js";
import { maskPanels } from "./case-panels.js";
import { type ClickOutcome, simulateClicks } from "./click-session.js";
import { encodeSample } from "./encode-sample.js";
import { forEachSample } from "./for-each-sample.js";
import { ignoreMask, withoutIgnored } from "./ignore-mask.js";
import { checkChoice, checkCommon } from "./option-checks.js";
import {
  COMMON_DEFAULTS,
  type CommonSettings,
  type Protocol,
  type ProtocolContext,
  type SetResult,
} from "./protocol.js";
import { type ImageValues, meanOverMasks } from "./sum-statistic.js";

/** Numbers of clicks the paper gives (figure 9). */
const CLICK_COUNTS = [1, 2, 3, 5, 9] as const;
/** Targets of NoC. */
const NOC_TARGETS = [0.85, 0.9] as const;
/** Masks clicked side by side: more cost memory for their dense masks. */
const MASKS_PER_BATCH = 32;

/** Settings of `clicks`. */
export interface ClickSettings extends CommonSettings {
  /** The first click: the mask's deepest pixel, or any of its pixels by chance. */
  readonly firstPoint: "center" | "random";
  /** Whether to click up to 20 times to tell NoC@85 and NoC@90. */
  readonly noc: boolean;
}

/** Masks by simulated clicks (paper, section 7.1). */
export const clicksProtocol: Protocol<ClickSettings> = {
  name: "clicks",
  description:
    "Each mask is clicked: first at its pixel farthest from its boundary (image border included; or at a random pixel), then at the pixel deepest inside the error region, with the previous logits as mask prompt. One click gives three masks, of which the most confident counts (miou@1) or the best (oracle@1); more clicks give one. miou@box: the ground truth's box instead. noc@q: clicks until IoU q, 20 where it isn't reached. Means over the masks of a set, then over sets. Pixels of regions to ignore (unlabelled or crowd) count nowhere; crowds are no targets; each annotator's masks are targets of their own.",
  defaults: { ...COMMON_DEFAULTS, firstPoint: "center", noc: true },
  usesModel: () => true,
  check(settings) {
    checkCommon(settings);
    checkChoice("firstPoint", settings.firstPoint, ["center", "random"]);
  },
  async run(context, sets) {
    const results: SetResult[] = [];
    for (const set of sets) results.push(await runOnSet(context, set));
    return results;
  },
};

async function runOnSet(context: ProtocolContext<ClickSettings>, set: EvaluationSet): Promise<SetResult> {
  const random = createRandom(context.settings.seed);
  const images: ImageValues[] = [];
  const rows: SetResult["rows"][number][] = [];
  const cases = createCaseKeeper();
  let hidden = 0;
  const counts = await forEachSample(context, set, async (sample, onPart) => {
    const scored = await clickSample(context, sample, { random, onPart });
    hidden += sample.annotations.length - scored.length;
    images.push(imageValues(scored, context.settings));
    for (const { annotation, outcome } of scored) {
      rows.push(toRow(sample, annotation, outcome));
      cases.add(outcome.ious[0]!, () => ({
        caption: `${sample.image.fileName}, mask ${annotation.id}: IoU ${outcome.ious[0]!.toFixed(3)} at one click`,
        panels: maskPanels({
          image: sample.image,
          truth: annotation.segmentation,
          predictions: [{ title: "prediction", mask: outcome.firstPrediction }],
          clicks: outcome.clicks.slice(0, 1),
        }),
      }));
    }
  });
  const statistic = meanOverMasks(images);
  const all = statistic(images.map(() => 1));
  return {
    name: set.name,
    counts,
    units: images.length,
    statistic,
    curves: [
      {
        title: "Mean IoU by number of clicks",
        xLabel: "clicks",
        yLabel: "mean IoU",
        points: CLICK_COUNTS.map((count) => [count, all[`miou@${count}`]!] as const),
      },
      {
        title: "Share of masks by IoU at one click",
        xLabel: "IoU at least",
        yLabel: "share of masks",
        points: shareCurve(images.flatMap((values) => values["miou@1"] ?? [])),
      },
    ],
    worst: cases.worst(),
    best: cases.best(),
    notes: hidden > 0 ? [`${hidden} masks lie within regions to ignore and were left out.`] : [],
    rows,
  };
}

interface ScoredMask {
  readonly annotation: MaskAnnotation;
  readonly outcome: ClickOutcome;
}

async function clickSample(
  context: ProtocolContext<ClickSettings>,
  sample: Sample,
  { random, onPart }: { readonly random: () => number; readonly onPart: (share: number) => void },
): Promise<ScoredMask[]> {
  const { settings, signal, sam } = context;
  const { predictor } = await encodeSample(context, sam!, sample);
  const ignore = ignoreMask(sample.ignoreRegions);
  const scored: ScoredMask[] = [];
  for (let start = 0; start < sample.annotations.length; start += MASKS_PER_BATCH) {
    const batch = sample.annotations.slice(start, start + MASKS_PER_BATCH).flatMap((annotation) => {
      const mask = withoutIgnored(decodeRle(annotation.segmentation), ignore);
      const firstPoint = settings.firstPoint === "center" ? interiorPoint(mask) : randomPoint(mask, random);
      return firstPoint ? [{ annotation, mask, firstPoint }] : [];
    });
    onPart(start / sample.annotations.length);
    if (batch.length === 0) continue;
    const outcomes = await simulateClicks(predictor, batch, {
      maxClicks: settings.noc ? MAX_CLICKS : CLICK_COUNTS.at(-1)!,
      leastClicks: CLICK_COUNTS.at(-1)!,
      goodIou: Math.max(...NOC_TARGETS),
      ignore,
      signal,
    });
    scored.push(...outcomes.map((outcome, i) => ({ annotation: batch[i]!.annotation, outcome })));
  }
  return scored;
}

/** Any pixel of a mask, each as likely; null when it is empty. */
export function randomPoint({ width, data }: Mask, random: () => number): ImagePoint | null {
  const area = data.reduce((sum, value) => sum + value, 0);
  if (area === 0) return null;
  let left = Math.floor(random() * area);
  const pixel = data.findIndex((value) => value === 1 && left-- === 0);
  return imagePoint([pixel % width, Math.floor(pixel / width)]);
}

function imageValues(scored: readonly ScoredMask[], { noc }: ClickSettings): ImageValues {
  const list = (value: (outcome: ClickOutcome) => number) => scored.map(({ outcome }) => value(outcome));
  return {
    ...Object.fromEntries(
      CLICK_COUNTS.map((count) => [`miou@${count}`, list(({ ious }) => iouAfterClicks(ious, count))]),
    ),
    "oracle@1": list(({ oracleIou }) => oracleIou),
    "miou@box": list(({ boxIou }) => boxIou),
    ...(noc &&
      Object.fromEntries(
        NOC_TARGETS.map((target) => [
          `noc@${Math.round(100 * target)}`,
          list(({ ious }) => numberOfClicks(ious, target)),
        ]),
      )),
  };
}

/** For IoU 0, .05, … 1 the share of masks that reach it. */
function shareCurve(ious: readonly number[]): (readonly [number, number])[] {
  return Array.from({ length: 21 }, (_, i) => {
    const least = i / 20;
    return [least, ious.filter((iou) => iou >= least).length / ious.length] as const;
  });
}

function toRow(sample: Sample, annotation: MaskAnnotation, outcome: ClickOutcome): Record<string, unknown> {
  const { clicks, ious, oracleIou, boxIou } = outcome;
  return {
    image: sample.image.fileName,
    annotation: annotation.id,
    ...(annotation.annotator !== undefined && { annotator: annotation.annotator }),
    area: annotation.area,
    clicks: clicks.map(({ point: [x, y], label }) => [x, y, label]),
    ious: ious.map(rounded),
    oracle_iou: rounded(oracleIou),
    box_iou: rounded(boxIou),
  };
}

function rounded(value: number): number {
  return Math.round(1e4 * value) / 1e4;
}
