/** Words as prompts: trained by CLIP's features of objects, saved beside the model, and used as an engine. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@segany/graph/weights";
import { maskToRuns } from "@segany/masks";
import { openCheckpointFile, writeFileAtomic } from "@segany/runtime/files";
import { loadSam, readImage, type Sam, SamPredictor } from "@segany/sam";
import { type Clip, openClip, openTextGrounder } from "@segany/sam/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomClip } from "../../../sam/src/testing/random-clip.js";
import type { TrainingSample } from "../data/training-sample.js";
import { saveFreshSam } from "../pretraining/fresh-sam.js";
import { SMALL_SAM, smallImages } from "../testing/small-sam.js";
import type { TrainEvent, TrainSamOptions } from "./train-options.js";
import { type TrainResult, trainSam } from "./train-sam.js";

const SIDE = 64;
const settings = {
  steps: 30,
  validateEvery: 30,
  views: 1,
  rounds: 2,
  learningRate: 3e-3,
  warmup: 0,
  textShare: 1,
  textMinArea: 50,
} as const;

let folder: string;
let clip: Clip;
let sam: Sam;
let result: TrainResult;
const events: TrainEvent[] = [];
let options: TrainSamOptions;
const clipPath = () => join(folder, "clip.safetensors");

/** The bright squares of the images as masks of the class "square". */
function samples(): TrainingSample[] {
  return smallImages(3).map(({ fileName, open }, index) => {
    const left = 8 + ((13 * index) % 32);
    const inside = (i: number) => {
      const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
      return x >= left && x < left + 20 && y >= 40 - left / 2 && y < 60 - left / 2;
    };
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (inside(i) ? 1 : 0));
    const runs = maskToRuns({ width: SIDE, height: SIDE, data });
    const mask = { id: index, categoryId: 1, className: "square", runs: () => runs };
    return { fileName, size: { width: SIDE, height: SIDE }, masks: [mask], open };
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-train-text-"));
  const checkpoint = join(folder, "fresh.safetensors");
  await saveFreshSam({ path: checkpoint, architecture: SMALL_SAM });
  await writeFileAtomic(clipPath(), encodeSafetensors(randomClip()));
  clip = await openClip({ checkpoint: clipPath(), cacheDirectory: folder, threads: 1 });
  const data = samples();
  const common = { checkpoint, data, validation: data.slice(0, 1), clip, cacheDirectory: folder, threads: 1 };
  options = { ...common, settings, output: join(folder, "run") };
  result = await trainSam({ ...options, onEvent: (event) => void events.push(event) });
  sam = await loadSam(undefined, { checkpoint: result.lastCheckpoint, cacheDirectory: folder, threads: 1 });
});
afterAll(async () => {
  await Promise.all([clip.close(), sam.close()]);
  await rm(folder, { recursive: true, force: true });
});

const open = (projection: string) =>
  openTextGrounder({ checkpoint: clipPath(), projection, sam, cacheDirectory: folder, threads: 1 });

describe("training by CLIP's features", () => {
  it("makes the loss smaller, and scores the classes' names", () => {
    const losses = events.flatMap((event) => (event.kind === "step" ? [event.loss] : []));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(losses).toHaveLength(30);
    expect(mean(losses.slice(-5))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
    expect(result.before?.text).toBeGreaterThanOrEqual(0);
    expect(result.best?.text).toBeLessThanOrEqual(1);
  });

  it("keeps the projection out of the checkpoint, in a file of its own that names the CLIP", async () => {
    await using fresh = await opened(join(folder, "fresh.safetensors"));
    await using tuned = await opened(result.lastCheckpoint);
    expect([...tuned.tensors.keys()]).toEqual([...fresh.tensors.keys()]);
    await using projection = await opened(result.projections!.last);
    expect(Object.fromEntries([...projection.tensors].map(([key, { shape }]) => [key, shape]))).toEqual({
      "text_projection.weight": [32, 16],
      "text_projection.bias": [32],
    });
    expect((await readFile(result.projections!.last)).toString("latin1")).toContain(clip.checkpointSha256);
  });

  it("is an engine: a phrase has the mask of its token, and points beside it are of the same prompt", async () => {
    await using grounder = await open(result.projections!.last);
    expect(grounder.engine).toBe("clip-prompt");
    const image = await readImage(await samples()[0]!.open());
    const predictor = new SamPredictor(sam, { grounder });
    await predictor.setImage(image);
    const extraTokens = await tokenOf("square");
    const point = { pointCoords: [[20, 40]], pointLabels: [1] } as const;
    for (const beside of [{}, point]) {
      const byWord = await predictor.predict({ text: "square", ...beside });
      const byToken = await predictor.predict({ extraTokens, ...beside });
      const best = byToken.iouPredictions.indexOf(Math.max(...byToken.iouPredictions));
      expect(byWord.masks).toEqual([byToken.masks[best]]);
      expect(byWord.grounding?.engine).toBe("clip-prompt");
    }
    const both = await grounder.ground(image, ["square", "circle"]); // encodes the image itself
    expect(both.objects.map(({ label }) => label).sort()).toEqual(["circle", "square"]);
    expect((await grounder.ground(image, "square", { threshold: 1 })).objects).toEqual([]);
  });

  it("goes on after a stop to the same weights, and refuses another CLIP", async () => {
    const stop = new AbortController();
    const output = join(folder, "stopped");
    const short = { ...settings, steps: 4, validateEvery: 2 };
    const run = (more: Partial<TrainSamOptions>) =>
      trainSam({ ...options, validation: [], output, settings: short, ...more });
    const onEvent = (event: TrainEvent) => event.kind === "step" && event.step === 2 && stop.abort();
    await expect(run({ signal: stop.signal, onEvent })).rejects.toMatchObject({ code: "aborted" });
    const other = { ...clip, checkpointSha256: "0".repeat(64) };
    await expect(run({ resume: true, clip: other })).rejects.toMatchObject({ code: "run-mismatch" });
    const resumed = await run({ resume: true });
    const whole = await run({ output: join(folder, "unbroken") });
    const [a, b] = [resumed, whole].map(({ projections }) => readFile(projections!.last));
    expect((await a!).equals(await b!)).toBe(true);
  });
});

describe("a projection that can't be used is an error", () => {
  it("if it is missing, something else, or of another CLIP or model", async () => {
    const missing = openTextGrounder({ checkpoint: clipPath(), engine: "clip-prompt", sam });
    await expect(missing).rejects.toMatchObject({
      code: "text-unavailable",
      message: expect.stringContaining("segany train --text"),
    });
    await expect(open(join(folder, "none.safetensors"))).rejects.toMatchObject({
      code: "checkpoint-not-found",
    });
    await expect(open(clipPath())).rejects.toMatchObject({ code: "checkpoint-invalid" });
    const write = async (name: string, rows: number, columns: number, metadata = {}) => {
      const path = join(folder, name);
      const weight = { shape: [rows, columns], data: new Float32Array(rows * columns) };
      const bias = { shape: [rows], data: new Float32Array(rows) };
      const tensors = { "text_projection.weight": weight, "text_projection.bias": bias };
      await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
      return path;
    };
    for (const path of [
      await write("features.safetensors", 32, 8),
      await write("tokens.safetensors", 16, 16),
      await write("clip.text.safetensors", 32, 16, { clip_sha256: "0".repeat(64) }),
    ])
      await expect(open(path)).rejects.toMatchObject({ code: "embedding-mismatch" });
    await using unnamed = await open(await write("unnamed.safetensors", 32, 16));
    expect(unnamed.engine).toBe("clip-prompt");
  });
});

/** The token of a word, by the file's own numbers. */
async function tokenOf(word: string) {
  await using file = await opened(result.projections!.last);
  const [vector] = await clip.embedText([`a photo of a ${word}`]);
  const weight = await file.load("text_projection.weight");
  const bias = await file.load("text_projection.bias");
  const data = bias.map(
    (value, row) => value + vector!.reduce((sum, x, i) => sum + x * weight[16 * row + i]!, 0),
  );
  return { shape: [1, 32], data };
}

async function opened(path: string) {
  const state = await openCheckpointFile(path);
  return { ...state, [Symbol.asyncDispose]: () => state.close() };
}
