import { basename, extname, join } from "node:path";
import { newAnnotation, toSa1bAnnotation } from "@segany/dataset/formats";
import { encodeRle, type Mask, type RgbaImage, SamError } from "@segany/masks";
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
import { interruption } from "../interruption.js";
import { loadModel } from "../model-options.js";
import { printJson } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { type Timings, wholeMilliseconds } from "../timings.js";
import type { PredictOptions } from "./options.js";
import { predictionPicture } from "./picture.js";
import { readPrompts } from "./prompts.js";

/** Segments what the prompts show on one picture and writes the results. */
export async function predictOne(picture: string, options: PredictOptions): Promise<void> {
  const prompts = await readPrompts(options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const timings: Timings = { load: 0, encode: 0, decode: 0, post: 0, total: 0 };
  progress.begin("Loading the model", 1);
  const embedding = options.embedding ? await loadImageEmbedding(options.embedding) : undefined;
  // Without the encoder nothing takes long enough to be worth a process of its own.
  await using sam = await timed(timings, "load", () =>
    loadModel(options, embedding ? { runIn: "this-process" } : {}),
  );
  const start = performance.now();
  const image =
    embedding && !options.picture ? undefined : await readImage(picture, { signal: interruption });
  if (image && embedding) checkSize(picture, image, embedding);
  const predictor = new SamPredictor(sam);
  progress.begin("Encoding", 1);
  await timed(timings, "encode", async () =>
    embedding ? predictor.setImageEmbedding(embedding) : predictor.setImage(image!, { signal: interruption }),
  );
  progress.begin("Decoding", 1);
  const predictions = await timed(timings, "decode", () =>
    predictor.predictBatch(prompts, { multimaskOutput: !options.singleMask, signal: interruption }),
  );
  const { imageSize } = predictor.getImageEmbedding();
  const output = await timed(timings, "post", () =>
    writeResults({ picture, options, sam, prompts, predictions, image, imageSize }),
  );
  timings.total = performance.now() - start;
  const masks = predictions.reduce((total, prediction) => total + prediction.masks.length, 0);
  progress.end(`${picture}: ${masks} mask${masks === 1 ? "" : "s"} → ${output}`);
  if (options.json) printJson({ file: picture, output, masks, timings_ms: wholeMilliseconds(timings) });
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
    `The embedding was made of a picture of ${imageSize.width} x ${imageSize.height} pixels, but ${picture} has ${width} x ${height}. Make it again with \`segany embed\`.`,
  );
}

interface Results {
  readonly picture: string;
  readonly options: PredictOptions;
  readonly sam: Sam;
  readonly prompts: readonly ImagePrompt[];
  readonly predictions: readonly Prediction<Mask>[];
  readonly image: RgbaImage | undefined;
  readonly imageSize: ImageEmbedding["imageSize"];
}

/** Writes what was asked for, the JSON last; returns its path. */
async function writeResults(results: Results): Promise<string> {
  const { picture, options, prompts, predictions, image } = results;
  const { output } = options;
  const stem = basename(picture, extname(picture));
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

/** n x S x S, in the order of the JSON's masks. */
function logitsFile(predictions: readonly Prediction<Mask>[]): Uint8Array {
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
      prediction.masks.map((mask, i) => ({
        ...toSa1bAnnotation(
          newAnnotation(++id, encodeRle(mask), { predictedIou: prediction.iouPredictions[i]! }),
        ),
        ...(predictions.length > 1 && { prompt }),
      })),
    ),
  };
}
