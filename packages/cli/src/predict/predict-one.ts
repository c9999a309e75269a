import { type RgbaImage, type Rle, SamError } from "@segany/masks";
import { checkWritableFolder } from "@segany/runtime/files";
import {
  type ImageEmbedding,
  type ImagePrompt,
  loadImageEmbedding,
  type Prediction,
  readImage,
  SamPredictor,
} from "@segany/sam";
import { printError, UsageError } from "../cli-error.js";
import { readingOptions } from "../image-options.js";
import { imageSha256, imageSource } from "../image-source.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../load-model.js";
import { givenTextOption, openGrounder } from "../open-grounder.js";
import { printJson } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { type Timings, wholeMilliseconds } from "../timings.js";
import { checkPrompts } from "./check-prompts.js";
import type { PredictOptions } from "./options.js";
import { readPrompts } from "./prompts.js";
import { refuseForeignResults } from "./refuse-foreign.js";
import { writeResults } from "./results.js";

/** Three maps of a prompt take 768 KiB. */
const MAX_WITH_LOGITS = 1000;

/**
 * Segments one image for the given prompts and writes the results. Prompts of a list that can't be used are
 * reported, and the others continue.
 *
 * @returns the number of prompts that were set aside
 */
export async function predictOne(path: string, options: PredictOptions): Promise<number> {
  const read = await readPrompts(options);
  if (options.saveLogits && read.entries.length > MAX_WITH_LOGITS)
    throw new UsageError(
      `--save-logits: there are ${read.entries.length} prompts; at most ${MAX_WITH_LOGITS} fit into a file of logits.`,
    );
  await checkWritableFolder(options.output);
  await refuseForeignResults(path, options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const timings: Timings = { load: 0, encode: 0, decode: 0, post: 0, total: 0 };
  progress.begin("Loading the model", 1);
  const embedding = options.embedding ? await loadImageEmbedding(options.embedding) : undefined;
  const notices: string[] = [];
  const hasText = read.entries.some((entry) => "prompt" in entry && entry.prompt.text !== undefined);
  const needsImage = options.picture || hasText;
  const reading = readFor(path, embedding, { ...options, needsImage }, notices);
  reading.catch(() => {}); // an error of the model comes first
  // Without the encoder everything is fast enough for this process.
  await using sam = await timed(timings, "load", () =>
    loadModel(options, embedding ? { runIn: "this-process" } : { opensEncoder: true }),
  );
  const start = performance.now();
  const image = await reading;
  if (image && embedding) checkSize(path, image, embedding);
  await using grounder = hasText ? await openGrounder(options, sam) : undefined;
  const predictor = new SamPredictor(sam, grounder && { grounder });
  progress.begin("Encoding", 1);
  await timed(timings, "encode", async () =>
    embedding
      ? predictor.setImageEmbedding(embedding, image)
      : predictor.setImage(image!, { signal: interruption }),
  );
  const checked = checkPrompts(read, predictor, sam, options);
  notices.push(...checked.notices);
  const withoutEffect = givenTextOption(options);
  if (withoutEffect && !grounder) notices.push(`No prompt has text: ${withoutEffect} has no effect.`);
  progress.begin("Decoding", 1);
  const predictions = await timed(timings, "decode", () => predictAll(predictor, checked.prompts, options));
  const { imageSize } = predictor.getImageEmbedding();
  const output = await timed(timings, "post", () =>
    writeResults({ path, options, sam, checked, predictions, image, imageSize }),
  );
  timings.total = performance.now() - start;
  notices.push(...notFound(checked.prompts, predictions));
  const masks = predictions.reduce((total, prediction) => total + prediction.masks.length, 0);
  progress.end(`${path}: ${masks} mask${masks === 1 ? "" : "s"} → ${output}`);
  notices.forEach(progress.note);
  const { refused } = checked;
  refused.forEach(printError);
  if (options.json)
    printJson({
      file: path,
      output,
      masks,
      timings_ms: wholeMilliseconds(timings),
      ...(refused.length > 0 && { refused: refused.length }),
      ...(notices.length > 0 && { notices }),
    });
  return refused.length;
}

/** The image, if it is needed; what there is of an image is checked against its embedding. */
async function readFor(
  path: string,
  embedding: ImageEmbedding | undefined,
  options: PredictOptions & { readonly needsImage: boolean },
  notices: string[],
): Promise<RgbaImage | undefined> {
  const source = await imageSource(path);
  if (embedding) await checkImage(path, source, embedding, options);
  if (embedding && !options.needsImage) return undefined;
  return readImage(source, { ...readingOptions(options, notices), signal: interruption });
}

/** As many prompts go to the decoder at once. */
const BATCH = 64;

/** In parts, since the logits of a mask take more memory than the mask. */
async function predictAll(
  predictor: SamPredictor,
  prompts: readonly ImagePrompt[],
  { singleMask, saveLogits, textThreshold }: PredictOptions,
): Promise<Prediction<Rle>[]> {
  const predictions: Prediction<Rle>[] = [];
  for (let first = 0; first < prompts.length; first += BATCH) {
    const part = await predictor.predictBatch(prompts.slice(first, first + BATCH), {
      multimaskOutput: !singleMask,
      outputMode: "coco_rle",
      signal: interruption,
      ...(textThreshold !== undefined && { textThreshold }),
    });
    predictions.push(...(saveLogits ? part : part.map((each) => ({ ...each, lowResLogits: [] }))));
  }
  return predictions;
}

/** Says which words have found nothing: that is a result. */
function notFound(prompts: readonly ImagePrompt[], predictions: readonly Prediction<Rle>[]): string[] {
  return predictions.flatMap(({ masks, grounding }, i) => {
    const { text, pointCoords = [], box } = prompts[i]!;
    const where = pointCoords.length > 0 || box ? "at the given place" : "in the image";
    return grounding && masks.length === 0 ? [`No "${text}" was found ${where} (${grounding.engine}).`] : [];
  });
}

async function timed<T>(timings: Timings, part: keyof Timings, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  timings[part] += performance.now() - start;
  return result;
}

/** Embeddings of others may not say of which file they are. */
async function checkImage(
  path: string,
  source: string | Uint8Array,
  { imageSha256: expected }: ImageEmbedding,
  options: PredictOptions,
): Promise<void> {
  if (expected === undefined || (await imageSha256(source, options)) === expected) return;
  throw new SamError(
    "embedding-mismatch",
    `The embedding is of another image than ${path}, or of the same one read with other options. Create it again with \`segany embed\`.`,
  );
}

function checkSize(path: string, { width, height }: RgbaImage, { imageSize }: ImageEmbedding): void {
  if (imageSize.width === width && imageSize.height === height) return;
  throw new SamError(
    "embedding-mismatch",
    `The embedding is of an image of ${imageSize.width} x ${imageSize.height} pixels, but ${path} has ${width} x ${height}. Create it again with \`segany embed\`.`,
  );
}
