/** Runs on the embedded weights: what comes out of them, and that a stopped one ends as an unbroken one. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpointFile } from "@segany/runtime/files";
import { openEmbeddedStateDict } from "@segany/sam";
import { openTrainableModel } from "@segany/sam/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTrainingSet } from "../data/open-training-set.js";
import { writeSmallSet } from "../testing/small-set.js";
import type { TrainEvent, TrainSamOptions } from "./train-options.js";
import { trainSam } from "./train-sam.js";

const settings = {
  steps: 3,
  validateEvery: 1,
  views: 2,
  masksPerImage: 2,
  learningRate: 1e-3,
  warmup: 0,
  rehearsalShare: 0.5,
  scaleJitter: [0.5, 1.5],
  brightness: 0.2,
} as const;

let folder: string;
let common: Omit<TrainSamOptions, "output">;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-train-"));
  const { samples } = await openTrainingSet({ data: await writeSmallSet(join(folder, "set")) });
  const [validation, rehearsal] = [samples.slice(0, 1), samples.slice(1)];
  common = {
    data: samples,
    validation,
    rehearsal,
    cacheDirectory: join(folder, "cache"),
    threads: 2,
    settings,
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const bytes = (run: string, file: string) => readFile(join(folder, run, file));

describe("a run", () => {
  it("gives a whole model with another decoder, and tells what it does", async () => {
    const events: TrainEvent[] = [];
    const onEvent = (event: TrainEvent) => void events.push(event);
    const result = await trainSam({ ...common, output: join(folder, "whole"), pth: true, onEvent });
    expect(
      events.filter(({ kind }) => kind === "step").map((event) => "step" in event && event.step),
    ).toEqual([1, 2, 3]);
    expect(events.filter(({ kind }) => kind === "validation")).toHaveLength(4);
    expect(result).toMatchObject({ steps: 3, before: { objects: 3 }, best: { objects: 3 } });
    // Two images whole, a view of each to train on, and another of the second to rehearse.
    expect(await readdir(join(folder, "cache", "embeddings"))).toHaveLength(5);

    const [base, tuned] = [await openEmbeddedStateDict(), await openCheckpointFile(result.lastCheckpoint)];
    expect([...tuned.tensors.keys()]).toEqual([...base.tensors.keys()]);
    const isChanged = async (key: string) =>
      !Buffer.from((await base.load(key)).buffer).equals(Buffer.from((await tuned.load(key)).buffer));
    expect(await isChanged("mask_decoder.iou_prediction_head.layers.0.weight")).toBe(true);
    expect(await isChanged("prompt_encoder.not_a_point_embed.weight")).toBe(false);
    expect(await isChanged("image_encoder.neck.0.weight")).toBe(false);
    await Promise.all([base.close(), tuned.close()]);
    const { predIouThresh, stabilityScoreThresh } = result.best!;
    const best = await openTrainableModel(undefined, { checkpoint: result.bestCheckpoint });
    expect(best.model.everythingThresholds).toEqual({ predIouThresh, stabilityScoreThresh });
    await best.state.close();

    for (const name of ["best", "last"] as const) {
      const copy = await openCheckpointFile(result.pth![name]);
      const from = await openCheckpointFile(join(folder, "whole", `${name}.safetensors`));
      const head = ["norm_head.weight", "norm_head.bias", "head.weight", "head.bias"];
      expect([...copy.tensors.keys()]).toEqual([
        ...from.tensors.keys(),
        ...head.map((part) => `image_encoder.${part}`), // without it MobileSAM's own code opens no checkpoint
      ]);
      expect(copy.tensors.get("image_encoder.head.weight")?.shape).toEqual([1000, 320]);
      const key = "mask_decoder.iou_prediction_head.layers.0.weight";
      expect(await copy.load(key)).toEqual(await from.load(key));
      await Promise.all([copy.close(), from.close()]);
    }

    const lines = (await bytes("whole", "metrics.jsonl"))
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ step }) => step)).toEqual([0, 1, 1, 2, 2, 3, 3]);
    expect(lines.filter(({ loss }) => Number.isFinite(loss))).toHaveLength(3);

    expect(events.at(-1)).toEqual({ kind: "comparing", done: 2, total: 2 });
    const page = (await bytes("whole", "report.html")).toString();
    expect(result.report).toBe(join(folder, "whole", "report.html"));
    expect(page).toContain("3 of 3 steps; 2 images trained on, 1 validated on.");
    expect(page).toContain(`<td>mIoU, box</td><td>${result.before!.box.toFixed(3)}</td>`);
    expect(page).toMatch(/3 objects of 1 validation images, .*: mean IoU 0\.\d{3} → 0\.\d{3}\./);
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page.match(/data:image\/webp/g)!.length % 3).toBe(0);
  });

  it("that was stopped goes on to the very same weights", async () => {
    const output = join(folder, "stopped");
    const controller = new AbortController();
    const onEvent = (event: TrainEvent) => {
      if (event.kind === "step" && event.step === 1) controller.abort();
    };
    const stopped = trainSam({ ...common, output, onEvent, signal: controller.signal });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    await expect(trainSam({ ...common, output })).rejects.toMatchObject({ code: "run-exists" });
    const other = { ...settings, steps: 4 };
    await expect(trainSam({ ...common, output, settings: other, resume: true })).rejects.toMatchObject({
      code: "run-mismatch",
    });
    const result = await trainSam({ ...common, output, resume: true });
    expect(result).toMatchObject({ steps: 3, before: { objects: 3 } });
    for (const file of ["last.safetensors", "best.safetensors", "state.safetensors", "metrics.jsonl"])
      expect((await bytes("stopped", file)).equals(await bytes("whole", file)), file).toBe(true);
  });

  it("of the neck changes it too, and nothing of the encoder before it", async () => {
    const output = join(folder, "neck");
    const short = { ...settings, train: "neck", steps: 1 } as const;
    const { validation: _, ...withoutValidation } = common;
    const result = await trainSam({ ...withoutValidation, output, settings: short });
    expect(result).toEqual({
      steps: 1,
      bestCheckpoint: join(output, "best.safetensors"),
      lastCheckpoint: join(output, "last.safetensors"),
      report: join(output, "report.html"),
    });
    const [base, tuned] = [await openEmbeddedStateDict(), await openCheckpointFile(result.bestCheckpoint)];
    const changed = new Set<string>();
    for (const key of base.tensors.keys()) {
      const [before, after] = [await base.load(key), await tuned.load(key)];
      if (before.some((value, i) => value !== after[i])) changed.add(key.split(".").slice(0, 2).join("."));
    }
    expect([...changed].filter((key) => key.startsWith("image_encoder"))).toEqual(["image_encoder.neck"]);
    expect([...changed].some((key) => key.startsWith("mask_decoder"))).toBe(true);
    await Promise.all([base.close(), tuned.close()]);
  });

  it("of adapters changes the linear layers that they are merged into", async () => {
    const output = join(folder, "lora");
    const short = {
      ...settings,
      train: "lora",
      loraTargets: "attention",
      masksPerImage: 1,
      steps: 2,
    } as const;
    const { validation: _, ...withoutValidation } = common;
    const { bestCheckpoint } = await trainSam({ ...withoutValidation, output, settings: short });
    const [base, tuned] = [await openEmbeddedStateDict(), await openCheckpointFile(bestCheckpoint)];
    const changed: string[] = [];
    for (const key of base.tensors.keys()) {
      const [before, after] = [await base.load(key), await tuned.load(key)];
      if (before.some((value, i) => value !== after[i])) changed.push(key);
    }
    expect(changed.filter((key) => !/(qkv|proj)\.weight$/.test(key))).toEqual([]);
    for (const part of ["image_encoder.layers.1", "mask_decoder.transformer"])
      expect(changed.some((key) => key.startsWith(part))).toBe(true);
    await Promise.all([base.close(), tuned.close()]);

    const lora = join(output, "best.lora.safetensors");
    const { state } = await openTrainableModel(undefined, { lora });
    const merged = await openCheckpointFile(bestCheckpoint);
    for (const key of changed) expect(await state.load(key)).toEqual(await merged.load(key));
    expect([state.sha256.length, state.sha256 === base.sha256]).toEqual([64, false]);
    await Promise.all([state.close(), merged.close()]);
    const whole = openTrainableModel(undefined, { lora: bestCheckpoint });
    await expect(whole).rejects.toMatchObject({ code: "checkpoint-invalid" });
  });

  it("that is not there can't be resumed", async () => {
    const output = join(folder, "none");
    await expect(trainSam({ ...common, output, resume: true })).rejects.toMatchObject({
      code: "run-not-found",
    });
  });

  it.each([
    { reportEverything: -1 },
    { reportEverything: 1, validation: [] },
    { precision: "int8", settings: { train: "neck" } },
    { precision: "int8", settings: { train: "lora" } },
  ] as const)("refuses %j", async (options) => {
    const run = trainSam({ ...common, ...options, output: join(folder, "none") });
    await expect(run).rejects.toMatchObject({ code: "option-invalid" });
  });

  it("needs images", async () => {
    await expect(trainSam({ ...common, data: [], output: join(folder, "none") })).rejects.toMatchObject({
      code: "target-empty",
    });
  });
});
