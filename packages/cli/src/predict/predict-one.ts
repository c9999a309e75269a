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
import { interruption } from "../interruption.js";
import { loadModel } from "../model-options.js";
import { readInput, STANDARD_INPUT } from "../read-input.js";
import { printJson } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { type Timings, wholeMilliseconds } from "../timings.js";
import { checkPrompts } from "./check-prompts.js";
import type { PredictOptions } from "./options.js";
import { readPrompts } from "./prompts.js";
import { writeResults } from "./results.js";

/** Three maps of a prompt take 768 KiB. */
const MAX_WITH_LOGITS = 1000;

/**
 * Segments one image for the given prompts and writes the results. Prompts of a list that can't be used are
 * reported, and the others continue.
 *
 * @returns the number of prompts that were set aside
 */
export async function predictOne(picture: string, options: PredictOptions): Promise<number> {
  refuseUnused(options);
  const read = await readPrompts(options);
  if (options.saveLogits && read.entries.length > MAX_WITH_LOGITS)
    throw new UsageError(
      `--save-logits: there are ${read.entries.length} prompts; at most ${MAX_WITH_LOGITS} fit into a file of logits.`,
    );
  await checkWritableFolder(options.output);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const timings: Timings = { load: 0, encode: 0, decode: 0, post: 0, total: 0 };
  progress.begin("Loading the model", 1);
  const embedding = options.embedding ? await loadImageEmbedding(options.embedding) : undefined;
  // Without the encoder everything is fast enough for this process.
  await using sam = await timed(timings, "load", () =>
    loadModel(options, embedding ? { runIn: "this-process" } : {}),
  );
  const start = performance.now();
  const notices: string[] = [];
  const image =
    embedding && !options.picture
      ? undefined
      : await readImage(await imageSource(picture), {
          ...readingOptions(options, notices),
          signal: interruption,
        });
  if (image && embedding) checkSize(picture, image, embedding);
  const predictor = new SamPredictor(sam);
  progress.begin("Encoding", 1);
  await timed(timings, "encode", async () =>
    embedding ? predictor.setImageEmbedding(embedding) : predictor.setImage(image!, { signal: interruption }),
  );
  const checked = checkPrompts(read, predictor, sam, options);
  notices.push(...checked.notices);
  progress.begin("Decoding", 1);
  const predictions = await timed(timings, "decode", () => predictAll(predictor, checked.prompts, options));
  const { imageSize } = predictor.getImageEmbedding();
  const output = await timed(timings, "post", () =>
    writeResults({ picture, options, sam, checked, predictions, image, imageSize }),
  );
  timings.total = performance.now() - start;
  const masks = predictions.reduce((total, prediction) => total + prediction.masks.length, 0);
  progress.end(`${picture}: ${masks} mask${masks === 1 ? "" : "s"} → ${output}`);
  notices.forEach(progress.note);
  const { refused } = checked;
  refused.forEach(printError);
  if (options.json)
    printJson({
      file: picture,
      output,
      masks,
      timings_ms: wholeMilliseconds(timings),
      ...(refused.length > 0 && { refused: refused.length }),
      ...(notices.length > 0 && { notices }),
    });
  return refused.length;
}

/** More than a photo of 268 megapixels takes in any usual format. */
const MAX_IMAGE_BYTES = 2 ** 30;

async function imageSource(picture: string): Promise<string | Uint8Array> {
  return picture === STANDARD_INPUT ? readInput(picture, MAX_IMAGE_BYTES) : picture;
}

/** Options that say how to read the image need one that is read. */
function refuseUnused({ embedding, picture, intensity, bands, page }: PredictOptions): void {
  if (!embedding || picture) return;
  for (const [name, value] of Object.entries({ intensity, bands, page }))
    if (value !== undefined)
      throw new UsageError(`--${name}: with --embedding and --no-picture the image is not read.`);
}

/** As many prompts go to the decoder at once. */
const BATCH = 64;

/** In parts, since the logits of a mask take more memory than the mask. */
async function predictAll(
  predictor: SamPredictor,
  prompts: readonly ImagePrompt[],
  { singleMask, saveLogits }: PredictOptions,
): Promise<Prediction<Rle>[]> {
  const predictions: Prediction<Rle>[] = [];
  for (let first = 0; first < prompts.length; first += BATCH) {
    const part = await predictor.predictBatch(prompts.slice(first, first + BATCH), {
      multimaskOutput: !singleMask,
      outputMode: "coco_rle",
      signal: interruption,
    });
    predictions.push(...(saveLogits ? part : part.map((each) => ({ ...each, lowResLogits: [] }))));
  }
  return predictions;
}

async function timed<T>(timings: Timings, part: keyof Timings, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  timings[part] += performance.now() - start;
  return result;
}

function checkSize(picture: string, { width, height }: RgbaImage, { imageSize }: ImageEmbedding): void {
  if (imageSize.width === width && imageSize.height === height) return;
  throw new SamError(
    "embedding-mismatch",
    `The embedding is of an image of ${imageSize.width} x ${imageSize.height} pixels, but ${picture} has ${width} x ${height}. Create it again with \`segany embed\`.`,
  );
}
