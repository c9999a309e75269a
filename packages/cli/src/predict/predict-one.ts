import { basename, extname, join } from "node:path";
import { newAnnotation, safeFileName, toSa1bAnnotation } from "@segany/dataset/formats";
import { type RgbaImage, type Rle, SamError } from "@segany/masks";
import { writeFileInside } from "@segany/runtime/files";
import {
  type ImageEmbedding,
  type ImagePrompt,
  loadImageEmbedding,
  type Prediction,
  readImage,
  type Sam,
  SamPredictor,
  writeNpy,
} from "@segany/sam";
import { UsageError } from "../cli-error.js";
import { readingOptions } from "../image-options.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../model-options.js";
import { printJson } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { type Timings, wholeMilliseconds } from "../timings.js";
import type { PredictOptions } from "./options.js";
import { predictionPicture } from "./picture.js";
import { readPrompts } from "./prompts.js";

/** Three maps of a prompt take 768 KiB. */
const MAX_WITH_LOGITS = 1000;

/** Segments one image for the given prompts and writes the results. */
export async function predictOne(picture: string, options: PredictOptions): Promise<void> {
  refuseUnused(options);
  const prompts = await readPrompts(options);
  if (options.saveLogits && prompts.length > MAX_WITH_LOGITS)
    throw new UsageError(
      `--save-logits: there are ${prompts.length} prompts; at most ${MAX_WITH_LOGITS} fit into a file of logits.`,
    );
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
      : await readImage(picture, { ...readingOptions(options, notices), signal: interruption });
  if (image && embedding) checkSize(picture, image, embedding);
  const predictor = new SamPredictor(sam);
  progress.begin("Encoding", 1);
  await timed(timings, "encode", async () =>
    embedding ? predictor.setImageEmbedding(embedding) : predictor.setImage(image!, { signal: interruption }),
  );
  progress.begin("Decoding", 1);
  const predictions = await timed(timings, "decode", () => predictAll(predictor, prompts, options));
  const { imageSize } = predictor.getImageEmbedding();
  const output = await timed(timings, "post", () =>
    writeResults({ picture, options, sam, prompts, predictions, image, imageSize }),
  );
  timings.total = performance.now() - start;
  const masks = predictions.reduce((total, prediction) => total + prediction.masks.length, 0);
  progress.end(`${picture}: ${masks} mask${masks === 1 ? "" : "s"} → ${output}`);
  notices.forEach(progress.note);
  if (!options.json) return;
  printJson({
    file: picture,
    output,
    masks,
    timings_ms: wholeMilliseconds(timings),
    ...(notices.length > 0 && { notices }),
  });
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

interface Results {
  readonly picture: string;
  readonly options: PredictOptions;
  readonly sam: Sam;
  readonly prompts: readonly ImagePrompt[];
  readonly predictions: readonly Prediction<Rle>[];
  readonly image: RgbaImage | undefined;
  readonly imageSize: ImageEmbedding["imageSize"];
}

/** Writes the requested files, the JSON last; returns its path. */
async function writeResults(results: Results): Promise<string> {
  const { picture, options, prompts, predictions, image } = results;
  const { output } = options;
  const stem = safeFileName(basename(picture, extname(picture)));
  if (options.saveLogits) await writeFileInside(output, `${stem}.logits.npy`, logitsFile(predictions));
  if (options.picture && image)
    await writeFileInside(
      output,
      `${stem}.predict.png`,
      await predictionPicture(image, prompts, predictions),
    );
  const name = `${stem}.predict.json`;
  await writeFileInside(output, name, `${JSON.stringify(toJson(results))}\n`);
  return join(output, name);
}

/** Encodes the logits, n x S x S, in the order of the JSON's masks. */
function logitsFile(predictions: readonly Prediction<Rle>[]): Uint8Array {
  const maps = predictions.flatMap(({ lowResLogits }) => lowResLogits);
  const side = Math.sqrt(maps[0]!.length);
  const data = new Float32Array(maps.length * side * side);
  for (const [i, map] of maps.entries()) data.set(map, i * map.length);
  return writeNpy({ shape: [maps.length, side, side], data });
}

/** The masks are written as SA-1B's annotations are. */
function toJson({ picture, options, sam, prompts, predictions, imageSize }: Results): unknown {
  let id = 0;
  return {
    image: { file_name: basename(picture), ...imageSize },
    model: {
      name: sam.model.name,
      checkpoint_sha256: sam.model.checkpointSha256,
      precision: sam.model.precision,
    },
    prompts: prompts.map(({ pointCoords = [], pointLabels = [], box }) => ({
      point_coords: pointCoords,
      point_labels: pointLabels,
      box: box ?? null,
      mask_input: options.maskInput ?? null,
    })),
    masks: predictions.flatMap((prediction, prompt) =>
      prediction.masks.map((segmentation, i) => ({
        ...toSa1bAnnotation(
          newAnnotation(++id, segmentation, { predictedIou: prediction.iouPredictions[i]! }),
        ),
        ...(predictions.length > 1 && { prompt }),
      })),
    ),
  };
}
