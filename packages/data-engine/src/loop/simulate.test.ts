/** The loop on a tiny model of random weights: not how good it is, but what happens in which order. */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maskToRuns } from "@segany/masks";
import { readImage } from "@segany/sam";
import { saveFreshSam, type TrainingSample } from "@segany/training";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SMALL_SAM, smallImages } from "../../../training/src/testing/small-sam.js";
import { openDataEngine } from "../open-data-engine.js";
import { simulateEngine } from "./simulate.js";
import type { SimulateEvent, SimulateOptions } from "./simulate-options.js";

let folder: string;
let checkpoint: string;
let data: TrainingSample[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-simulate-"));
  checkpoint = join(folder, "small.safetensors");
  await saveFreshSam({ path: checkpoint, architecture: SMALL_SAM });
  data = await Promise.all(smallImages(12).map(withTruth));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The bright square as the truth. */
async function withTruth(
  image: ReturnType<typeof smallImages>[number],
  index: number,
): Promise<TrainingSample> {
  const { width, height, data: pixels } = await readImage(await image.open());
  const inside = Uint8Array.from({ length: width * height }, (_, i) => (pixels[4 * i]! === 230 ? 1 : 0));
  const runs = maskToRuns({ width, height, data: inside });
  return { ...image, size: { width, height }, masks: [{ id: index + 1, runs: () => runs }] };
}

const simulate = async (name: string, more: Partial<SimulateOptions> = {}) => {
  const events: SimulateEvent[] = [];
  const output = join(folder, name);
  const result = await simulateEngine({
    ...{ data, output, model: { checkpoint, threads: 1 }, seed: 3, stageImages: [3, 3], retrain: true },
    training: { steps: 2, views: 1, masksPerImage: 1 },
    ...{ goodIou: 0.9, maxClicks: 3, noisePx: 1, precision: 0.9, pointsPerSide: 2, auditMasks: 10 },
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { result, output, events };
};

describe("the simulated loop", () => {
  it("labels, retrains, corrects, retrains and labels alone, and keeps all of it in the data engine", async () => {
    const { result, output, events } = await simulate("one");
    expect(result.stages.map(({ stage }) => stage)).toEqual([1, 2, 3]);
    // Of 12 images four are frozen; stages of 3, 3 and the two that are left.
    expect(events.flatMap((event) => (event.kind === "stage" ? [event.images] : []))).toEqual([3, 3, 2]);
    expect(result.stages[0]).toMatchObject({ masks_per_image: 1, clicks_per_mask: expect.any(Number) });
    expect(result.stages[0]!.clicks_per_mask).toBeGreaterThanOrEqual(1);
    expect(result.stages[2]!.clicks_per_mask).toBe(0);
    for (const { "miou@1": miou } of result.stages) expect(miou).toBeGreaterThan(0);
    expect(new Set(result.stages.map((stage) => stage["miou@1"])).size).toBeGreaterThan(1); // weights changed
    expect(JSON.parse(readFileSync(join(output, "simulation.json"), "utf8"))).toEqual(result);

    const engine = await openDataEngine({ file: join(output, "engine.sqlite") });
    const [project] = await engine.projects.list();
    const tasks = await engine.tasks.list(project!.id);
    const labelled = await Promise.all(
      tasks.map(async ({ id }) => (await engine.tasks.images(id)).map(({ name }) => name)),
    );
    const frozen = data.filter((_, i) => i % 3 === 0).map(({ fileName }) => fileName);
    expect(labelled.flat().filter((name) => frozen.includes(name))).toEqual([]);
    expect(new Set(labelled.flat()).size).toBe(8);
    const first = (await engine.jobs.list(project!.id, { task: tasks[0]!.id }))[0]!;
    const [image] = await engine.jobs.images(first.id);
    const [mask] = await engine.annotations.list(first.id, image!.image);
    const [revision] = await engine.annotations.history(mask!.id);
    expect(revision!.provenance).toMatchObject({
      source: "manual",
      model: { hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(revision!.clicks).toBeGreaterThanOrEqual(1);
    await engine.close();

    // What a retraining learned from is kept: without the image that confidence is learned on.
    const coco = JSON.parse(
      readFileSync(join(output, "accepted-1/annotations/instances_default.json"), "utf8"),
    );
    expect(coco.images).toHaveLength(3);
    expect(existsSync(join(output, "training-2/last.safetensors"))).toBe(true);
  });

  it("gives the same for the same seed, and keeps the model where it is not to be retrained", async () => {
    const { result } = await simulate("two", { retrain: false });
    const { result: again, output } = await simulate("three", { retrain: false });
    expect(again).toEqual(result);
    expect(new Set(result.stages.map((stage) => stage["miou@1"])).size).toBe(1);
    expect(existsSync(join(output, "training-1"))).toBe(false);
  });

  it.each([
    ["goodIou", 7],
    ["goodIou", Number.NaN],
    ["maxClicks", 0],
    ["noisePx", -1],
    ["precision", 1.5],
    ["pointsPerSide", 0],
    ["auditMasks", 0],
    ["stageImages", [0, 3]],
    ["stageImages", [3, 3, 0]],
  ])("refuses %s %j before anything is written", async (name, value) => {
    await expect(simulate("refused", { [name]: value })).rejects.toMatchObject({ code: "invalid" });
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });

  it("refuses a folder that has a simulation, also one that was stopped", async () => {
    const signal = AbortSignal.abort();
    await expect(simulate("stopped", { signal })).rejects.toMatchObject({ code: "aborted" });
    await expect(simulate("stopped")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("Choose another folder"),
    });
  });

  it("refuses stages that need more images than there are", async () => {
    const failing = simulate("four", { stageImages: [5, 3] });
    await expect(failing).rejects.toMatchObject({ code: "option-invalid" });
    await expect(failing).rejects.toThrow("5 + 3 + 1 images, but there are 8");
  });
});
