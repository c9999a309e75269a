/** Training versions on a tiny model of random weights: not how good they are, but what is kept of them. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openCheckpointFile } from "@segany/runtime/files";
import { loadSam } from "@segany/sam";
import { expect, it, onTestFinished } from "vitest";
import { type ModelOpening, openingOf } from "../models/model-files.js";
import { createRetrainWork, type TrainVersionProgress } from "../models/retrain-work.js";
import { openDataEngine } from "../open-data-engine.js";
import { addSmallProject, readSmallImage } from "../testing/small-project.js";
import { makeTemporaryFile } from "../testing/temporary-file.js";
import { runWorker } from "../work-items/run-worker.js";
import { trainVersion } from "./train-version.js";

const TRAINING = { steps: 3, views: 1, masksPerImage: 1, validateEvery: 2, learningRate: 0.03, warmup: 0 };

async function openProject(images = 5) {
  const folder = dirname(await makeTemporaryFile("x"));
  const engine = await openDataEngine({ file: join(folder, "engine.sqlite") });
  onTestFinished(engine.close);
  const small = await addSmallProject(engine, folder, images);
  const progress: TrainVersionProgress[] = [];
  /** Does the work that waits. */
  const work = async (base: ModelOpening = { checkpoint: small.checkpoint }) => {
    const stop = new AbortController();
    const errors: unknown[] = [];
    const handler = createRetrainWork(engine.context, (id, attempt, { signal, onProgress }) =>
      trainVersion(engine.context, id, {
        ...{ folder, attempt, base, signal, readImage: readSmallImage(folder) },
        running: { threads: 1, cacheDirectory: join(folder, "cache") },
        onProgress: (value) => {
          progress.push(value);
          onProgress(value);
        },
      }),
    );
    await runWorker(
      engine.workQueue,
      { retrain: handler },
      {
        ...{ worker: "test", signal: stop.signal },
        onEvent(event) {
          if (event.type === "started") return;
          if ("error" in event) errors.push(event.error);
          stop.abort();
        },
      },
    );
    return errors;
  };
  const { models } = engine;
  const retrain = (settings = {}) =>
    models.retrain(small.person, small.project, { training: TRAINING, ...settings });
  return { ...small, engine, folder, models, retrain, work, progress };
}

const hashOf = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

it("trains a version on accepted masks, measures it beside the old one, and keeps its files", async () => {
  const { models, project, folder, retrain, work, progress, checkpoint } = await openProject();
  await retrain({ force: "try it" });
  expect(await work()).toEqual([]);
  const [base, version] = await models.list(project);
  expect([base!.state, version!.state]).toEqual(["former", "current"]);
  expect(version!.data).toEqual({ training: { images: 4, masks: 4 }, validation: { images: 1, masks: 1 } });
  const { before, after } = version!.scores!;
  expect([before.objects, after.objects]).toEqual([1, 1]);
  expect(before).not.toEqual(after);
  for (const score of [before, after])
    for (const name of ["click", "oracle", "clicks", "box"] as const)
      expect(score[name]).toSatisfy((value: number) => value >= 0 && value <= 1);
  expect(before.oracle).toBeGreaterThanOrEqual(before.click);
  expect(before.clicks).toBeGreaterThanOrEqual(before.click);
  expect(new Set(progress.map(({ what }) => what))).toEqual(
    new Set(["encoding", "training", "comparing", "measuring"]),
  );

  const kept = join(folder, "models", version!.checkpoint!);
  expect((await readdir(kept)).sort()).toEqual(["checkpoint.safetensors", "metrics.jsonl", "report.html"]);
  expect(await hashOf(join(kept, "checkpoint.safetensors"))).toBe(version!.checkpoint);
  const steps = (await readFile(join(kept, "metrics.jsonl"), "utf8")).trim().split("\n");
  expect(steps.map((line) => JSON.parse(line).step)).toEqual([0, 1, 2, 2, 3, 3]);

  // The file that the project began with is kept as well, with the same weights: it may go.
  const [was, is] = await Promise.all([
    openCheckpointFile(checkpoint),
    openCheckpointFile(join(folder, "models", base!.checkpoint!, "checkpoint.safetensors")),
  ]);
  for (const key of was.tensors.keys()) expect(await is.load(key)).toEqual(await was.load(key));
  await Promise.all([was.close(), is.close()]);
  await rm(checkpoint);
  // Only the decoder was trained: its embeddings are those of the model that it began with.
  expect([version!.encoder, version!.encoder === version!.checkpoint]).toEqual([base!.encoder, false]);
  const sam = await loadSam(undefined, { ...openingOf(folder, version!), runIn: "this-process" });
  expect(sam.model.checkpointSha256).toBe(version!.checkpoint);
  await sam.close();

  // The next one goes on from it, and encodes no image again; the ended run's folder goes.
  const count = (await readdir(join(folder, "cache", "embeddings"))).length;
  await retrain();
  expect(await work({ name: "not-needed-any-more" })).toEqual([]);
  expect((await models.byNumber(project, 2)).parent).toBe(version!.id);
  expect(await readdir(join(folder, "cache", "embeddings"))).toHaveLength(count);
  expect(await readdir(join(folder, "training"))).toEqual([expect.stringMatching(/-1$/)]);
  await rm(kept, { recursive: true });
  expect(() => openingOf(folder, version!)).toThrow("The weights of version 1 are not in the data folder");
});

it("tells why it can't be trained, and does not try again", async () => {
  const { models, retrain, work, project, folder, engine } = await openProject(3);
  const { work: item } = await retrain();
  const [error] = await work({ checkpoint: join(folder, "missing.pth") });
  expect(error).toMatchObject({
    code: "checkpoint-not-found",
    message: expect.stringContaining("missing.pth"),
  });
  expect(await engine.workQueue.get(item!)).toMatchObject({ state: "dead", attempt: 1 });
  expect(await models.list(project)).toMatchObject([
    { number: 1, state: "failed", error: expect.stringContaining("missing.pth") },
  ]);
  expect(existsSync(join(folder, "models"))).toBe(false);
});
