import { averageRecalls, countRecalled, type RecallCounts } from "@segany/evaluation";
import { proposalUnit, rankProposals } from "@segany/evaluation/report";
import { areaOfRuns, type Rle, runsToRle, throwIfAborted } from "@segany/masks";
import { type ImageEmbedding, type Sam, SamAutomaticMaskGenerator, SamPredictor } from "@segany/sam";
import { readTrainingImage, type TrainingSample } from "../data/training-sample.js";
import { answerClicks, type ClickAnswer, type ClickedObject } from "./click-objects.js";

/** An image that two models are compared on. */
export interface ComparedImage {
  readonly sample: TrainingSample;
  readonly objects: readonly ClickedObject[];
  /** Whether everything on it is segmented, too: that takes a thousand prompts. */
  readonly everything: boolean;
}

/** What one model made of an image. */
export interface ImageAnswers {
  /** For each object. */
  readonly clicks: readonly ClickAnswer[];
  readonly everything?: {
    readonly masks: readonly Rle[];
    readonly recalls: RecallCounts;
  };
}

/** How a model is asked. */
export interface AnswerOptions {
  /** The embedding of an image that this model can use; without it, the model encodes the images. */
  readonly embed?: (sample: TrainingSample) => Promise<ImageEmbedding>;
  readonly signal?: AbortSignal | undefined;
  readonly onImage: () => void;
}

/** Asks a model for the objects of some images. */
export async function answerImages(
  sam: Sam,
  images: readonly ComparedImage[],
  { embed, signal, onImage }: AnswerOptions,
): Promise<ImageAnswers[]> {
  const answers: ImageAnswers[] = [];
  const predictor = new SamPredictor(sam);
  for (const { sample, objects, everything } of images) {
    throwIfAborted(signal);
    if (embed) predictor.setImageEmbedding({ ...(await embed(sample)), model: sam.model });
    else await predictor.setImage(await readTrainingImage(sample), signal ? { signal } : {});
    const clicks = await answerClicks(predictor, objects, signal);
    const embedding = predictor.getImageEmbedding();
    answers.push({
      clicks,
      ...(everything && { everything: await segmentEverything(sam, sample, embedding, signal) }),
    });
    onImage();
  }
  return answers;
}

/** Everything mode with its default settings, and the thresholds that are kept with the weights. */
async function segmentEverything(
  sam: Sam,
  sample: TrainingSample,
  embedding: ImageEmbedding,
  signal: AbortSignal | undefined,
): Promise<NonNullable<ImageAnswers["everything"]>> {
  const generator = new SamAutomaticMaskGenerator(sam, { outputMode: "coco_rle" });
  const options = { embedding, ...(signal && { signal }) };
  const records = rankProposals(await generator.generate(await readTrainingImage(sample), options));
  const truths = sample.masks.map(({ runs }) => {
    const mask = runs();
    return { segmentation: runsToRle(mask), area: areaOfRuns(mask) };
  });
  const masks = records.map(({ segmentation }) => segmentation);
  return { masks, recalls: countRecalled(proposalUnit(records, truths)) };
}

/** AR@100 over images. */
export function recallOfImages(answers: readonly ImageAnswers[]): number | undefined {
  const counts = answers.flatMap(({ everything }) => (everything ? [everything.recalls] : []));
  if (counts.length === 0) return undefined;
  return averageRecalls(
    counts,
    counts.map(() => 1),
  )["ar@100"];
}
