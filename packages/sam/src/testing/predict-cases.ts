/** For tests: the prompt cases that Meta's code answered on the example photos. */
import { readFile } from "node:fs/promises";
import { readNpy } from "@segany/graph/weights";
import type { Rle, Size } from "@segany/masks";
import { sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import type { PromptInput } from "../model/prompt-batch.js";
import { longestSideSize, toModelBoxes, toModelPoints } from "../preprocessing/coordinates.js";

/** One case; see fixtures/README.md. */
export interface PredictCase {
  readonly id: string;
  /** In the model's frame. */
  readonly prompt: PromptInput;
  readonly multimask: boolean;
  /** Whether the best mask of a first, multimask run is the mask prompt. */
  readonly refine: boolean;
  readonly iouPredictions: readonly number[];
  readonly masks: readonly Rle[];
  /** nx256x256, rounded to float16. */
  readonly lowResLogits: Float32Array;
}

/** Cases of one photo. */
export interface PredictFixture {
  readonly imageSize: Size;
  readonly embedding: Float32Array;
  readonly cases: readonly PredictCase[];
}

interface CaseJson {
  readonly id: string;
  readonly points?: readonly (readonly [number, number])[];
  readonly labels?: readonly number[];
  readonly box?: readonly [number, number, number, number];
  readonly multimask?: boolean;
  readonly refine?: boolean;
  readonly iou_predictions: readonly number[];
  readonly masks: readonly Rle[];
  readonly low_res_logits: string;
}

/** The files that `readPredictFixture` needs. */
export function predictFixtureFiles(image: string): string[] {
  return [`fixtures/sam/${image}.predict.json`, `fixtures/sam/${image}.embedding.npy`];
}

/** Reads a `.npy` file of floats among the shared files. */
export async function readSharedFloats(path: string): Promise<Float32Array> {
  return readNpy(await readFile(sharedFile(path))).data as Float32Array;
}

/** Reads the cases of a photo. */
export async function readPredictFixture(image: string): Promise<PredictFixture> {
  const [json, embedding] = predictFixtureFiles(image);
  const { size, cases } = JSON.parse(await readFile(sharedFile(json!), "utf8")) as {
    size: [number, number];
    cases: CaseJson[];
  };
  const imageSize = { width: size[1], height: size[0] };
  return {
    imageSize,
    embedding: await readSharedFloats(embedding!),
    cases: await Promise.all(cases.map((one) => readCase(one, imageSize))),
  };
}

async function readCase(one: CaseJson, imageSize: Size): Promise<PredictCase> {
  const inputSize = longestSideSize(imageSize, 1024);
  const [box] = one.box ? toModelBoxes([one.box], imageSize, inputSize) : [];
  return {
    id: one.id,
    prompt: {
      ...(one.points && { pointCoords: toModelPoints(one.points, imageSize, inputSize) }),
      ...(one.labels && { pointLabels: one.labels }),
      ...(box && { boxXyxy: box }),
    },
    multimask: one.multimask ?? true,
    refine: one.refine ?? false,
    iouPredictions: one.iou_predictions,
    masks: one.masks,
    lowResLogits: await readSharedFloats(`fixtures/sam/${one.low_res_logits}`),
  };
}
