/** Small models: what a student learns, and what stays as it was. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddingCache } from "@segany/evaluation";
import { openCheckpointFile } from "@segany/runtime/files";
import { loadSam, readImage, SamPredictor } from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveFreshSam } from "../pretraining/fresh-sam.js";
import { SMALL_SAM, smallImages } from "../testing/small-sam.js";
import type { DistillEvent, DistillSamOptions } from "./distill-options.js";
import { distillSam } from "./distill-sam.js";

let folder: string;
let common: Omit<DistillSamOptions, "output">;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-distill-"));
  await saveFreshSam({ path: at("teacher.safetensors"), architecture: SMALL_SAM, seed: 1 });
  const encoder = {
    ...SMALL_SAM.encoder,
    embedDim: 16,
    mlpDim: 32,
    depth: 1,
    globalAttnIndexes: [0],
    windowSize: 0,
  };
  await saveFreshSam({ path: at("student.safetensors"), architecture: { ...SMALL_SAM, encoder }, seed: 2 });
  const images = smallImages(8);
  common = {
    checkpoint: at("student.safetensors"),
    teacher: { checkpoint: at("teacher.safetensors") },
    images: images.slice(0, 6),
    validation: images.slice(6),
    threads: 1,
    embeddings: openEmbeddingCache({ directory: at("embeddings") }),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = { steps: 60, learningRate: 3e-3, warmup: 5, views: 2, validateEvery: 30, averageDecay: 0.9 };

async function contentOf(path: string): Promise<Map<string, Float32Array>> {
  const state = await openCheckpointFile(path);
  const content = new Map<string, Float32Array>();
  for (const key of state.tensors.keys()) content.set(key, await state.load(key));
  await state.close();
  return content;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a distillation", () => {
  it("brings a student's embeddings nearer to its teacher's, and gives it the teacher's decoder", async () => {
    const before = await readFile(at("teacher.safetensors"));
    const events: DistillEvent[] = [];
    const result = await distillSam({
      ...common,
      output: at("embeddings-run"),
      settings,
      pth: true,
      onEvent: (event) => void events.push(event),
    });
    expect(result.best!.distance).toBeLessThan(0.8 * result.before!.distance);
    expect(result).toMatchObject({ steps: 60, best: { step: 60 } });
    expect((await readFile(at("teacher.safetensors"))).equals(before)).toBe(true);

    const losses = events.flatMap((event) => (event.kind === "step" ? [event.loss] : []));
    expect(losses).toHaveLength(60);
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "encoding")).toHaveLength(6 * 2 + 2 + 1);
    expect(events.flatMap((event) => (event.kind === "validation" ? [event.step] : []))).toEqual([0, 30, 60]);

    const [student, teacher] = [
      await contentOf(result.bestCheckpoint),
      await contentOf(at("teacher.safetensors")),
    ];
    const start = await contentOf(at("student.safetensors"));
    expect([...student.keys()]).toEqual([...start.keys()]);
    for (const [key, values] of student) {
      if (key.startsWith("image_encoder.")) expect(values, key).not.toEqual(start.get(key));
      else expect(values, key).toEqual(teacher.get(key));
    }
    expect(await contentOf(result.pth!.best)).toEqual(student);
  });

  it("by prompts brings its masks nearer to its teacher's", async () => {
    const prompted = { ...settings, distill: "prompts", masksPerImage: 4 } as const;
    const losses: number[] = [];
    const result = await distillSam({
      ...common,
      output: at("prompts-run"),
      settings: prompted,
      onEvent: (event) => event.kind === "step" && losses.push(event.loss),
    });
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)));
    expect(result.best!.maskIou).toBeGreaterThan(result.before!.maskIou);
    const sam = await loadSam(undefined, { checkpoint: result.bestCheckpoint, threads: 1 });
    const predictor = new SamPredictor(sam);
    await predictor.setImage(await readImage(await smallImages(1)[0].open()));
    expect((await predictor.predict({ pointCoords: [[20, 40]], pointLabels: [1] })).masks).toHaveLength(3);
    await sam.close();
  });

  it("is the same for the same seed", async () => {
    for (const distill of ["embeddings", "prompts"] as const) {
      const short = { ...settings, distill, steps: 2 };
      const { validation: _, ...rest } = common;
      const [one, two] = [
        await distillSam({ ...rest, output: at(`${distill}-1`), settings: short }),
        await distillSam({ ...rest, output: at(`${distill}-2`), settings: short }),
      ];
      expect(one.best).toBeUndefined();
      expect(await contentOf(one.bestCheckpoint)).toEqual(await contentOf(two.lastCheckpoint));
    }
  });
});

describe("refuses", () => {
  const refused = (options: Partial<DistillSamOptions>) =>
    distillSam({ ...common, output: at("no"), ...options });

  it("settings, empty sets and folders with a run", async () => {
    for (const wrong of [{ distill: "masks" as never }, { steps: 0 }, { minCrop: 2 }])
      await expect(refused({ settings: wrong })).rejects.toMatchObject({ code: "option-invalid" });
    await expect(refused({ images: [] })).rejects.toMatchObject({ code: "data-empty" });
    await expect(refused({ precision: "int8" })).rejects.toMatchObject({ code: "option-invalid" });
    await expect(refused({ output: at("embeddings-run") })).rejects.toMatchObject({ code: "run-exists" });
    await expect(refused({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  it("models that don't fit, and says how they differ", async () => {
    await expect(refused({ teacher: { model: "mobile_sam" } })).rejects.toMatchObject({
      code: "option-invalid",
      message: expect.stringContaining("imageSide 64"),
    });
    const decoder = { ...SMALL_SAM.decoder, mlpDim: 96 };
    const other = at("other.safetensors");
    await saveFreshSam({ path: other, architecture: { ...SMALL_SAM, decoder } });
    await expect(refused({ teacher: { checkpoint: other } })).rejects.toMatchObject({
      message: expect.stringContaining("mlp.lin1"),
    });
  });
});
