/** The loss and its gradients beside those of the authors' code, for three prompts on a photo. */
import { readFile } from "node:fs/promises";
import { readNpy } from "@segany/graph/weights";
import type { RunTensor } from "@segany/runtime";
import { openTrainableModel, type TrainableModel } from "@segany/sam/training";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import { samLoss } from "../losses/sam-loss.js";
import { type Objective, openObjective } from "../step/objective.js";
import { loadParameters } from "../step/parameters.js";

interface Expected {
  readonly norm: number;
  readonly first: readonly number[];
}

interface GradientCase {
  readonly id: string;
  readonly multimask: boolean;
  readonly point_coords_model: readonly (readonly (readonly [number, number])[])[] | null;
  readonly point_labels: readonly (readonly number[])[] | null;
  readonly box_model: readonly (readonly number[])[] | null;
  readonly mask_input: string | null;
  readonly target: string;
  readonly actual_iou: readonly number[];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Expected>>;
  readonly embedding_grad: Expected;
}

const FILE = "fixtures/training/gradients.json";
const EMBEDDING = "image_embeddings";

const floats = (data: Float32Array, shape: readonly number[]): RunTensor => ({
  dtype: "float32",
  shape,
  data,
});

async function readFloats(path: string): Promise<Float32Array> {
  const { data } = readNpy(await readFile(sharedFile(path)));
  return Float32Array.from(data as ArrayLike<number>);
}

/** Points, then a padding point or the corners of a box (Meta's `PromptEncoder.forward`). */
function tokensOf({ point_coords_model: points, point_labels: labels, box_model: box }: GradientCase) {
  const corners = box ? [box[0]!.slice(0, 2), box[0]!.slice(2, 4)] : [];
  const padding = points && !box ? [[0, 0]] : [];
  const coords = [...(points?.[0] ?? []), ...padding, ...corners].flat();
  const all = [...(labels?.[0] ?? []), ...padding.map(() => -1), ...(box ? [2, 3] : [])];
  return { coords: Float32Array.from(coords), labels: Float32Array.from(all) };
}

describe.skipIf(!haveSharedFiles(FILE))("gradients of the decoder's loss", () => {
  let trainable: TrainableModel;
  let objective: Objective;
  let parameters: Awaited<ReturnType<typeof loadParameters>>;
  let embedding: Float32Array;
  let cases: GradientCase[];

  beforeAll(async () => {
    trainable = await openTrainableModel();
    const { state } = trainable;
    const load = (key: string) => state.load(key);
    embedding = await readFloats("fixtures/sam/still-life.embedding.npy");
    // The embedding counts as a weight here, for the sake of its gradient.
    const features = { [EMBEDDING]: { dtype: "float32", shape: [1, 256, 64, 64] } as const };
    const withEmbedding = new Map([...state.tensors, ...Object.entries(features)]);
    const { network } = trainable;
    const isTrained = (key: string) => key === EMBEDDING || network.partOf(key) !== undefined;
    objective = await openObjective({
      weights: withEmbedding,
      load,
      isTrained,
      session: { threads: 1 },
      build(g) {
        const features = { [EMBEDDING]: g.weight(EMBEDDING) };
        const options = { maskInput: true, ragged: true, extraTokens: false };
        const { loss, actualIou } = samLoss(g, network.decode(g, features, options));
        return { loss, outputs: { actual_iou: actualIou } };
      },
    });
    const keys = objective.keys;
    parameters = await loadParameters(keys, withEmbedding, async (key) =>
      key === EMBEDDING ? embedding : load(key),
    );
    cases = JSON.parse(await readFile(sharedFile(FILE), "utf8")).cases;
  });
  afterAll(async () => {
    await objective?.close();
    await trainable?.state.close();
  });

  test("equal those of the authors' code", async () => {
    for (const one of cases) {
      const { coords, labels } = tokensOf(one);
      const mask = one.mask_input ? await readMaskInput(one.mask_input) : undefined;
      const { loss, outputs, gradients } = await objective.run(parameters, {
        point_coords: floats(coords, [1, labels.length, 2]),
        point_labels: floats(labels, [1, labels.length]),
        mask_input: floats(mask ?? new Float32Array(256 * 256), [1, 1, 256, 256]),
        has_mask_input: floats(Float32Array.of(mask ? 1 : 0), [1]),
        targets: floats(await readFloats(`fixtures/training/${one.target}`), [1, 256, 256]),
        trains_single: floats(Float32Array.of(one.multimask ? 0 : 1), [1]),
        trains_three: floats(Float32Array.of(one.multimask ? 1 : 0), [1]),
      });
      expect(Math.abs(loss - one.loss) / one.loss, one.id).toBeLessThan(1e-4);
      const iou = [...(outputs.actual_iou!.data as Float32Array)].slice(...(one.multimask ? [1] : [0, 1]));
      for (const [i, value] of iou.entries())
        expect(Math.abs(value - one.actual_iou[i]!), one.id).toBeLessThan(1e-4);
      const expected = { ...one.gradients, [EMBEDDING]: one.embedding_grad };
      for (const [key, { norm, first }] of Object.entries(expected)) {
        const gradient = gradients.get(key);
        if (norm <= 1e-6) {
          expect(gradient ? Math.hypot(...gradient.slice(0, 4)) : 0, `${one.id} ${key}`).toBeLessThan(1e-5);
          continue;
        }
        const actual = Math.sqrt(gradient!.reduce((sum, value) => sum + value * value, 0));
        expect(Math.abs(actual - norm) / norm, `${one.id} ${key}: ${actual}, not ${norm}`).toBeLessThan(1e-3);
        first.forEach((value, i) => {
          expect(Math.abs(gradient![i]! - value) / norm, `${one.id} ${key}[${i}]`).toBeLessThan(1e-3);
        });
      }
    }
  });
});

async function readMaskInput(name: string): Promise<Float32Array> {
  return readFloats(`fixtures/sam/${name}`);
}
