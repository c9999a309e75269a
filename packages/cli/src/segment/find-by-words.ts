import { rleArea, rleToBoxXywh } from "@segany/masks";
import { readImage, type Sam, SamPredictor } from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import { type ImageOptions, readingOptions } from "../image-options.js";
import type { SegmentedMask } from "./formats.js";
import type { InputImage } from "./inputs.js";
import type { FoundMasks } from "./segment-one.js";

/** What finds the masks of words. */
export interface WordFinder {
  readonly sam: Sam;
  readonly grounder: TextGrounder;
  readonly words: readonly string[];
  /** Least score of an object; the engine's own by default. */
  readonly threshold?: number | undefined;
}

export interface FindByWordsOptions {
  readonly reading: ImageOptions;
  readonly finder: WordFinder;
  readonly signal: AbortSignal;
  /** @param share 0..1 */
  readonly onProgress: (share: number, note: string) => void;
}

/** Share of an image's time that the encoder takes, about. */
const ENCODING = 0.8;

/** Reads an image and finds the masks of all words. */
export async function findByWords(
  input: InputImage,
  { reading, finder, signal, onProgress }: FindByWordsOptions,
): Promise<FoundMasks> {
  const start = performance.now();
  const notices: string[] = [];
  const image = await readImage(input.path, { ...readingOptions(reading, notices), signal });
  const predictor = new SamPredictor(finder.sam, { grounder: finder.grounder });
  const encoding = performance.now();
  await predictor.setImage(image, { signal });
  const decoding = performance.now();
  onProgress(ENCODING, "");
  const { words, threshold } = finder;
  const predictions = await predictor.predictBatch(
    words.map((text) => ({ text })),
    { outputMode: "coco_rle", signal, ...(threshold !== undefined && { textThreshold: threshold }) },
  );
  const records = predictions.flatMap(({ masks, iouPredictions, grounding }) =>
    masks.map((segmentation, i): SegmentedMask => {
      const { label, category, score } = grounding!.objects[i]!;
      const bboxXywh = rleToBoxXywh(segmentation);
      const found = { label, ...(category !== undefined && { category }), score };
      return { segmentation, area: rleArea(segmentation), bboxXywh, predictedIou: iouPredictions[i]!, found };
    }),
  );
  const timings = { encode: decoding - encoding, decode: performance.now() - decoding, post: 0 };
  return { input, image, records, notices, start, timings };
}
