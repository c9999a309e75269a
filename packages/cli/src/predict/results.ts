import { basename, join } from "node:path";
import { newAnnotation, toSa1bAnnotation } from "@segany/dataset/formats";
import type { RgbaImage, Rle } from "@segany/masks";
import { writeFileInside } from "@segany/runtime/files";
import { type ImageEmbedding, type Prediction, type Sam, writeNpy } from "@segany/sam";
import type { GroundedObject } from "@segany/sam/text";
import type { CheckedPrompts } from "./check-prompts.js";
import type { PredictOptions } from "./options.js";
import { predictionPicture } from "./picture.js";
import type { ReadPrompt } from "./prompts.js";
import { resultNames } from "./result-names.js";

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
  const names = resultNames(path);
  if (options.saveLogits)
    await writeFileInside(output, names.logits, logitsFile(predictions, results.sam.model.maskSide));
  if (options.picture && image)
    await writeFileInside(
      output,
      names.picture,
      await predictionPicture(image, checked.prompts, predictions),
    );
  await writeFileInside(output, names.json, `${JSON.stringify(toJson(results))}\n`);
  return join(output, names.json);
}

/** Encodes the logits, n x S x S, in the order of the JSON's masks. */
function logitsFile(predictions: readonly Prediction<Rle>[], side: number): Uint8Array {
  const maps = predictions.flatMap(({ lowResLogits }) => lowResLogits);
  const data = new Float32Array(maps.length * side * side);
  for (const [i, map] of maps.entries()) data.set(map, i * map.length);
  return writeNpy({ shape: [maps.length, side, side], data });
}

/** The masks are written as SA-1B's annotations are; `prompt` is the place of a mask's prompt in the list. */
function toJson({ path, options, sam, checked, predictions, imageSize }: Results): unknown {
  let id = 0;
  const { entries } = checked;
  const engine = predictions.find(({ grounding }) => grounding)?.grounding?.engine;
  const places = entries.flatMap((entry, place) => ("prompt" in entry ? [place] : []));
  return {
    image: { file_name: basename(path), ...imageSize },
    model: {
      name: sam.model.name,
      checkpoint_sha256: sam.model.checkpointSha256,
      precision: sam.model.precision,
    },
    ...(engine && { text_engine: engine }),
    prompts: entries.map((entry) => promptJson(entry, options)),
    masks: predictions.flatMap((prediction, index) =>
      prediction.masks.map((segmentation, i) => ({
        ...toSa1bAnnotation(
          newAnnotation(++id, segmentation, { predictedIou: prediction.iouPredictions[i]! }),
        ),
        ...(prediction.grounding && foundJson(prediction.grounding.objects[i]!)),
        ...(entries.length > 1 && { prompt: places[index] }),
      })),
    ),
  };
}

/** What words have found: the words, the engine's own name for it, and the engine's score. */
function foundJson({ label, category, score, boxXyxy }: GroundedObject): object {
  return { label, ...(category !== undefined && { category }), text_score: score, text_box: boxXyxy };
}

function promptJson(entry: ReadPrompt, { maskInput }: PredictOptions): unknown {
  if ("error" in entry) return { error: { code: entry.error.code, message: entry.error.message } };
  const { pointCoords = [], pointLabels = [], box, text } = entry.prompt;
  return {
    point_coords: pointCoords,
    point_labels: pointLabels,
    box: box ?? null,
    ...(text !== undefined && { text }),
    mask_input: maskInput ?? null,
  };
}
