import { type MaskCase, maskPanels, proposalPanels } from "@segany/evaluation/report";
import { runsToRle } from "@segany/masks";
import type { TrainingSample } from "../data/training-sample.js";
import type { ComparedImage, ImageAnswers } from "./answer-images.js";
import type { ClickAnswer, ClickedObject } from "./click-objects.js";

/** One object, before and after training. */
export interface ObjectComparison extends ClickedObject {
  readonly before: ClickAnswer;
  readonly after: ClickAnswer;
}

/** A figure of the page. */
export interface Figure {
  readonly caption: string;
  readonly panels: ReturnType<typeof maskPanels>;
}

/** Objects of which the IoU changed by no more count as unchanged. */
export const NOTABLE_CHANGE = 0.05;

const FIGURES = 6;

/** The comparisons of all objects, in the images' order. */
export function compareObjects(
  images: readonly ComparedImage[],
  before: readonly ImageAnswers[],
  after: readonly ImageAnswers[],
): ObjectComparison[] {
  return images.flatMap(({ objects }, i) =>
    objects.map((object, j) => ({
      ...object,
      before: before[i]!.clicks[j]!,
      after: after[i]!.clicks[j]!,
    })),
  );
}

/** How much an object's IoU rose. */
export function gainOf({ before, after }: ObjectComparison): number {
  return after.iou - before.iou;
}

/** The largest gains and the largest losses, the largest first; an object is in one of them at most. */
export function extremes(objects: readonly ObjectComparison[]): {
  readonly gains: readonly ObjectComparison[];
  readonly losses: readonly ObjectComparison[];
} {
  const sorted = [...objects].sort((a, b) => gainOf(b) - gainOf(a));
  return {
    gains: sorted.filter((object) => gainOf(object) > 0).slice(0, FIGURES),
    losses: sorted
      .filter((object) => gainOf(object) < 0)
      .slice(-FIGURES)
      .reverse(),
  };
}

/** The true mask with the click, and the masks before and after. */
export function objectFigure({ sample, id, truth, click, before, after }: ObjectComparison): Figure {
  return {
    caption: `${sample.fileName}, object ${id}: IoU ${before.iou.toFixed(3)} → ${after.iou.toFixed(3)}`,
    panels: maskPanels({
      image: imageOf(sample),
      truth,
      clicks: [{ point: click, label: 1 }],
      predictions: [
        { title: `before: IoU ${before.iou.toFixed(2)}`, mask: before.mask },
        { title: `after: IoU ${after.iou.toFixed(2)}`, mask: after.mask },
      ],
    }),
  };
}

/** All true masks of an image, and what everything mode found before and after. */
export function everythingFigure(
  sample: TrainingSample,
  before: ImageAnswers["everything"],
  after: ImageAnswers["everything"],
): Figure {
  const truths = sample.masks.map(({ runs }) => runsToRle(runs()));
  const counts = [before, after].map((answer) => answer?.masks.length ?? 0);
  const panels = (answer: ImageAnswers["everything"]) =>
    proposalPanels(imageOf(sample), truths, answer?.masks ?? []);
  const [truth] = panels(undefined);
  return {
    caption: `${sample.fileName}: ${truths.length} annotated masks, ${counts[0]} → ${counts[1]} found`,
    panels: [
      truth!,
      { ...panels(before)[1]!, title: `before: ${counts[0]} masks` },
      { ...panels(after)[1]!, title: `after: ${counts[1]} masks` },
    ],
  };
}

function imageOf({ fileName, size, open }: TrainingSample): MaskCase["image"] {
  return { fileName, ...size, open };
}
