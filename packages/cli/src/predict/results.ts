import { basename, extname, join } from "node:path";
import { newAnnotation, safeFileName, toSa1bAnnotation } from "@segany/dataset/formats";
import type { RgbaImage, Rle } from "@segany/masks";
import { writeFileInside } from "@segany/runtime/files";
import { type ImageEmbedding, type Prediction, type Sam, writeNpy } from "@segany/sam";
import { STANDARD_INPUT } from "../read-input.js";
import type { CheckedPrompts } from "./check-prompts.js";
import type { PredictOptions } from "./options.js";
import { predictionPicture } from "./picture.js";
import type { ReadPrompt } from "./prompts.js";

/** What was predicted for an image. */
export interface Results {
  readonly path: string;
  readonly options: PredictOptions;
  readonly sam: Sam;
  readonly checked: CheckedPrompts;
  readonly predictions: readonly Prediction<Rle>[];
  readonly image: RgbaImage | undefined;
  readonly imageSize: ImageEmbedding["imageSize"];
}

/** Writes the requested files, the JSON last; returns its path. */
export async function writeResults(results: Results): Promise<string> {
  const { path, options, checked, predictions, image } = results;
  const { output } = options;
  const stem = path === STANDARD_INPUT ? "stdin" : safeFileName(basename(path, extname(path)));
  if (options.saveLogits) await writeFileInside(output, `${stem}.logits.npy`, logitsFile(predictions));
  if (options.picture && image)
    await writeFileInside(
      output,
      `${stem}.predict.png`,
      await predictionPicture(image, checked.prompts, predictions),
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

/** The masks are written as SA-1B's annotations are; `prompt` is the place of a mask's prompt in the list. */
function toJson({ path, options, sam, checked, predictions, imageSize }: Results): unknown {
  let id = 0;
  const { entries } = checked;
  const places = entries.flatMap((entry, place) => ("prompt" in entry ? [place] : []));
  return {
    image: { file_name: basename(path), ...imageSize },
    model: {
      name: sam.model.name,
      checkpoint_sha256: sam.model.checkpointSha256,
      precision: sam.model.precision,
    },
    prompts: entries.map((entry) => promptJson(entry, options)),
    masks: predictions.flatMap((prediction, index) =>
      prediction.masks.map((segmentation, i) => ({
        ...toSa1bAnnotation(
          newAnnotation(++id, segmentation, { predictedIou: prediction.iouPredictions[i]! }),
        ),
        ...(entries.length > 1 && { prompt: places[index] }),
      })),
    ),
  };
}

function promptJson(entry: ReadPrompt, { maskInput }: PredictOptions): unknown {
  if ("error" in entry) return { error: { code: entry.error.code, message: entry.error.message } };
  const { pointCoords = [], pointLabels = [], box } = entry.prompt;
  return {
    point_coords: pointCoords,
    point_labels: pointLabels,
    box: box ?? null,
    mask_input: maskInput ?? null,
  };
}
