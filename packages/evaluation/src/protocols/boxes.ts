import type { MaskAnnotation } from "@segany/dataset";
import { boxXywhToXyxy, encodeRle, type Rle, rleArea, rleIou, rleToBoxXywh, SamError } from "@segany/masks";
import type { SamPredictor } from "@segany/sam";
import { byAnnotator, type EvaluationSet, type Sample } from "../data/samples.js";
import { EvaluationError } from "../errors.js";
import {
  type CategoryUnit,
  createPrecisionStatistic,
  meanPrecisionCurve,
} from "../metrics/mean-average-precision.js";
import { createCaseKeeper } from "./case-keeper.js";
import { maskPanels } from "./case-panels.js";
import { mostConfident } from "./click-session.js";
import { encodeSample } from "./encode-sample.js";
import { forEachSample } from "./for-each-sample.js";
import { checkCommon, checkWhole } from "./option-checks.js";
import {
  COMMON_DEFAULTS,
  type CommonSettings,
  type Protocol,
  type ProtocolContext,
  type SetResult,
} from "./protocol.js";
import { readSuppliedBoxes, type SuppliedBox } from "./supplied-boxes.js";

/** Prompts in one decoder call: more cost memory for their dense masks. */
const BOXES_PER_BATCH = 32;

/** Settings of `boxes`. */
export interface BoxSettings extends CommonSettings {
  /** File of boxes to prompt with, as COCO detection results; the ground truth's own boxes when absent. */
  readonly boxes?: string | undefined;
  /** Prompt once more with the box and the mask before. */
  readonly refine: boolean;
  /** Most masks of an image and class that are scored, the best first. */
  readonly maxDetections: number;
}

/** Masks from boxes (paper, section 7.4). */
export const boxesProtocol: Protocol<BoxSettings> = {
  name: "boxes",
  description:
    "Each box is prompted and gives one mask, the decoder's single one; with refinement it is prompted once more with the box and the most confident of three masks for it. Scored by COCO's rules within each class: AP is the mean over IoU .50:.05:.95 and classes, area under the precision-recall curve at 101 recalls, at most 100 masks an image and class (maxDetections). Masks from the ground truth's boxes are ranked by predicted IoU, those from supplied boxes by the box's score. Crowds and regions to ignore may be matched by any number of masks, which then count nowhere. An image of several annotators is scored once against each.",
  defaults: { ...COMMON_DEFAULTS, refine: false, maxDetections: 100 },
  usesModel: () => true,
  check(settings) {
    checkCommon(settings);
    checkWhole("maxDetections", settings.maxDetections, 1);
  },
  async run(context, sets) {
    const { boxes } = context.settings;
    const supplied = boxes === undefined ? undefined : await readSuppliedBoxes(boxes, context.onProblem);
    const results: SetResult[] = [];
    for (const set of sets) results.push(await runOnSet(context, set, supplied));
    return results;
  },
};

/** A box to prompt with. */
interface PromptedBox extends Pick<SuppliedBox, "boxXyxy" | "categoryId"> {
  /** Absent for the ground truth's own boxes. */
  readonly score?: number;
}

/** The mask that came out. */
interface BoxMask extends PromptedBox {
  readonly score: number;
  readonly segmentation: Rle;
}

async function runOnSet(
  context: ProtocolContext<BoxSettings>,
  set: EvaluationSet,
  supplied: ReadonlyMap<number, readonly SuppliedBox[]> | undefined,
): Promise<SetResult> {
  const { settings, sam } = context;
  const units: CategoryUnit[] = [];
  const rows: SetResult["rows"][number][] = [];
  const cases = createCaseKeeper();
  const categoryIds = new Set(set.dataset.categories.map(({ id }) => id));
  const refused: number[] = [];
  const counts = await forEachSample(context, set, async (sample) => {
    const { predictor } = await encodeSample(context, sam!, sample);
    const own = usableBoxes(supplied?.get(sample.image.id) ?? [], sample, predictor, context, refused);
    let masks = supplied ? await predictMasks(predictor, own, context) : [];
    for (const truths of byAnnotator(sample.annotations)) {
      if (!supplied) masks = await predictMasks(predictor, truths.map(boxOf), context);
      units.push(...categoryUnits(sample, truths, masks, categoryIds));
      if (supplied) continue;
      truths.forEach((truth, i) => {
        const mask = masks[i]!;
        const [iou] = rleIou([mask.segmentation], [truth.segmentation]);
        rows.push({ image: sample.image.fileName, annotation: truth.id, iou: Math.round(1e4 * iou!) / 1e4 });
        cases.add(iou!, () => ({
          caption: `${sample.image.fileName}, mask ${truth.id}: IoU ${iou!.toFixed(3)} for its box`,
          panels: maskPanels({
            image: sample.image,
            truth: truth.segmentation,
            predictions: [{ title: "prediction", mask: mask.segmentation }],
            boxXyxy: mask.boxXyxy,
          }),
        }));
      });
    }
  });
  return {
    name: set.name,
    counts,
    units: counts.images,
    statistic: createPrecisionStatistic(units, settings.maxDetections),
    curves: [
      {
        title: "Precision by recall at IoU .50",
        xLabel: "recall",
        yLabel: "precision",
        points: meanPrecisionCurve(units, 0, settings.maxDetections),
      },
    ],
    worst: cases.worst(),
    best: cases.best(),
    notes: [...refusedNotes(refused), ...crowdedNotes(units, settings)],
    rows,
  };
}

function boxOf({ segmentation, categoryId }: MaskAnnotation): PromptedBox {
  return { boxXyxy: boxXywhToXyxy(rleToBoxXywh(segmentation)), categoryId };
}

/** Leaves out boxes that can't be on the image, such as one far outside of it, and tells them. */
function usableBoxes(
  boxes: readonly SuppliedBox[],
  { image }: Sample,
  predictor: SamPredictor,
  { onProblem, settings }: ProtocolContext<BoxSettings>,
  refused: number[],
): SuppliedBox[] {
  return boxes.filter(({ entry, boxXyxy }) => {
    try {
      predictor.checkPrompt({ box: boxXyxy });
      return true;
    } catch (cause) {
      if (!(cause instanceof SamError)) throw cause;
      const message = `"${settings.boxes}": entry ${entry}, on the image ${image.fileName}: ${cause.message}`;
      const problem = new EvaluationError("boxes-invalid", message, { cause });
      if (!onProblem) throw problem;
      onProblem(problem);
      refused.push(entry);
      return false;
    }
  });
}

/** Of entries that are left out, so many are named. */
const NAMED_ENTRIES = 100;

function refusedNotes(refused: readonly number[]): string[] {
  if (refused.length === 0) return [];
  const more = refused.length > NAMED_ENTRIES ? ", …" : "";
  return [
    `${refused.length} supplied boxes can't be on their images and were left out: entries ${refused.slice(0, NAMED_ENTRIES).join(", ")}${more}.`,
  ];
}

async function predictMasks(
  predictor: SamPredictor,
  boxes: readonly PromptedBox[],
  { settings, signal }: ProtocolContext<BoxSettings>,
): Promise<BoxMask[]> {
  const masks: BoxMask[] = [];
  for (let start = 0; start < boxes.length; start += BOXES_PER_BATCH) {
    const batch = boxes.slice(start, start + BOXES_PER_BATCH);
    const prompts = batch.map(({ boxXyxy: box }) => ({ box }));
    const abort = signal ? { signal } : {};
    // A box leaves little doubt, so Meta's notebooks take the single mask; refinement starts from the best of
    // three.
    let predictions = await predictor.predictBatch(prompts, { multimaskOutput: settings.refine, ...abort });
    if (settings.refine) {
      const refined = predictions.map((prediction, i) => ({
        ...prompts[i]!,
        maskInput: prediction.lowResLogits[mostConfident(prediction)]!,
      }));
      predictions = await predictor.predictBatch(refined, { multimaskOutput: false, ...abort });
    }
    predictions.forEach((prediction, i) => {
      const best = mostConfident(prediction);
      masks.push({
        ...batch[i]!,
        score: batch[i]!.score ?? prediction.iouPredictions[best]!,
        segmentation: encodeRle(prediction.masks[best]!),
      });
    });
  }
  return masks;
}

/** Splits an image by class. Regions without a class of the set are regions of every class. */
function categoryUnits(
  { index, ignoreRegions }: Sample,
  truths: readonly MaskAnnotation[],
  masks: readonly BoxMask[],
  categoryIds: ReadonlySet<number>,
): CategoryUnit[] {
  const categories = new Set([...truths, ...masks].map(({ categoryId }) => categoryId));
  return [...categories].map((category) => {
    const ofClass = truths.filter(({ categoryId }) => categoryId === category);
    const ignored = ignoreRegions.filter(
      ({ categoryId }) => categoryId === category || !categoryIds.has(categoryId ?? Number.NaN),
    );
    const targets = [...ofClass, ...ignored].map(({ segmentation }) => segmentation);
    const crowd = targets.map((_, i) => i >= ofClass.length);
    const detections = masks.filter(({ categoryId }) => categoryId === category);
    const unit = {
      detections: detections.map(({ score, segmentation }) => ({ score, areaPx: rleArea(segmentation) })),
      truths: targets.map((_, i) => ({ areaPx: ofClass[i]?.area ?? 0, isCrowd: crowd[i]! })),
      ious: rleIou(
        detections.map(({ segmentation }) => segmentation),
        targets,
        { crowd },
      ),
    };
    return { image: index, category, unit };
  });
}

function crowdedNotes(units: readonly CategoryUnit[], { maxDetections }: BoxSettings): string[] {
  const crowded = units.filter(({ unit }) => unit.detections.length > maxDetections).length;
  if (crowded === 0) return [];
  return [
    `${crowded} times an image has more than ${maxDetections} boxes of a class; only the best ${maxDetections} masks count, as in COCO, so recall can't be whole there (raise maxDetections to score all).`,
  ];
}
