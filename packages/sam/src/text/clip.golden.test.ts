import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNpy } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import { floats, runGraph } from "../../../runtime/src/testing/run-graph.js";
import { similarity } from "./clip.js";
import { inferClip } from "./clip-architecture.js";
import { clipImageTower } from "./clip-image-tower.js";
import { mapClipKeys } from "./clip-keys.js";
import { openClip } from "./node-clip.js";

const FILES = ["clip_openai.pt", "clip_hf.safetensors"];
const ACTIVATIONS = ["quick-gelu", "gelu"] as const;
const shared = (name: string) => `fixtures/text/${name}`;

interface Outputs {
  readonly text_features: readonly number[][];
  readonly image_features: readonly number[][];
  readonly logits_per_image: readonly number[][];
}

interface Golden {
  readonly texts: readonly string[];
  readonly logit_scale: number;
  readonly outputs: { readonly quick_gelu: Outputs; readonly gelu: Outputs };
}

describe.skipIf(!haveSharedFiles(...[...FILES, "clip.json", "clip.pixels.npy"].map(shared)))(
  "CLIP's towers against OpenAI's and Hugging Face's code",
  () => {
    let golden: Golden;
    let pixels: Float32Array;
    let folder: string;
    beforeAll(async () => {
      golden = JSON.parse(await readFile(sharedFile(shared("clip.json")), "utf8"));
      pixels = (await readNpy(await readFile(sharedFile(shared("clip.pixels.npy"))))).data as Float32Array;
      folder = await mkdtemp(join(tmpdir(), "segany-clip-"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    const cases = FILES.flatMap((file) => ACTIVATIONS.map((activation) => ({ file, activation })));

    it.each(cases)("agree for $file with $activation", async ({ file, activation }) => {
      const checkpoint = sharedFile(shared(file));
      const outputs = golden.outputs[activation === "gelu" ? "gelu" : "quick_gelu"];
      await using clip = await openClip({ checkpoint, activation, cacheDirectory: folder });
      expect(clip.logitScale).toBeCloseTo(golden.logit_scale, 5);
      const texts = await clip.embedText(golden.texts);
      expectClose(
        texts.map((row) => [...row]),
        outputs.text_features.map(unit),
      );

      const state = await openCheckpointFile(checkpoint, { cacheDirectory: folder, mapKeys: mapClipKeys });
      const tower = clipImageTower(state.tensors, inferClip(state.tensors), activation);
      const { features } = await runGraph(tower, state.load, { images: floats(pixels, [2, 3, 64, 64]) });
      await state.close();
      const images = rows(features!.data as Float32Array, clip.architecture.featureSize);
      expectClose(images, outputs.image_features);

      const logits = images.map((image) =>
        texts.map((text) => clip.logitScale * similarity(Float32Array.from(unit(image)), text)),
      );
      expectClose(logits, outputs.logits_per_image);
    });

    it("have by default the activation of the file's publisher", async () => {
      for (const file of FILES) {
        await using clip = await openClip({ checkpoint: sharedFile(shared(file)), cacheDirectory: folder });
        expect(clip.activation).toBe("quick-gelu");
      }
    });
  },
);

/** Within 1e-4 of the largest value. */
function expectClose(actual: readonly number[][], expected: readonly number[][]): void {
  const largest = Math.max(...expected.flat().map(Math.abs));
  expect(actual.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const differences = expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - actual[i]![j]!)));
  expect(Math.max(...differences) / largest).toBeLessThan(1e-4);
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function rows(values: Float32Array, width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) => [
    ...values.subarray(i * width, (i + 1) * width),
  ]);
}
