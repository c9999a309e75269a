/** Stages on the embedded weights: squares are easy to find; what becomes of the masks is tested. */
import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDataset } from "@segany/dataset";
import { encodeRle } from "@segany/masks";
import { expect, it, onTestFinished } from "vitest";
import { openDataEngine } from "../open-data-engine.js";
import { createStageWork, type RunStageProgress } from "../stages/stage-work.js";
import { addSmallProject, readSmallImage } from "../testing/small-project.js";
import { makeTemporaryFile } from "../testing/temporary-file.js";
import { runWorker } from "../work-items/run-worker.js";
import { runStage } from "./run-stage.js";

/** Of six images three are accepted, on which the confidence of everything mode is learned. */
async function openProject(images = 6, labelled = 3) {
  const folder = dirname(await makeTemporaryFile("x"));
  const engine = await openDataEngine({ file: join(folder, "engine.sqlite") });
  onTestFinished(engine.close);
  const small = await addSmallProject(engine, folder, images, labelled);
  const progress: RunStageProgress[] = [];
  /** Does the work that waits. */
  const work = async (options: { readonly output?: string; readonly stopAfter?: number } = {}) => {
    const stop = new AbortController();
    const errors: unknown[] = [];
    const handler = createStageWork(engine.context, (id, { signal, onProgress }) =>
      runStage(engine.context, id, {
        ...{ folder, base: {}, signal, output: options.output },
        ...{ running: { threads: 1 }, readImage: readSmallImage(folder), writing: { shardSizeBytes: 1e9 } },
        onProgress(value) {
          progress.push(value);
          onProgress(value);
          if (value.what === "labelling" && value.done === options.stopAfter) stop.abort();
        },
      }),
    );
    await runWorker(
      engine.workQueue,
      { stage: handler },
      {
        ...{ worker: "test", signal: stop.signal, drainMs: 0 },
        onEvent(event) {
          if (event.type === "started") return;
          if ("error" in event) errors.push(event.error);
          stop.abort();
        },
      },
    );
    return errors;
  };
  const settings = { precision: 0.5, pointsPerSide: 4 };
  const begin = (stage: 2 | 3, more = {}) =>
    engine.stages.begin(small.person, small.project, stage, { ...settings, ...more });
  const masksOf = async () => {
    const rows = await engine.context.db
      .selectFrom("annotation")
      .select(["id", "image_id", "confidence", "source", "revision"])
      .where("source", "in", ["automatic", "semi-automatic"])
      .orderBy("id")
      .execute();
    return rows;
  };
  return { ...small, engine, folder, begin, work, progress, masksOf };
}

it("stage 2 adds confident masks to open images, and leaves what people made", async () => {
  const { engine, begin, work, masksOf, person, project, progress } = await openProject();
  // Somebody has begun the fourth image: it has a mask, and stays as it is.
  const lock = (await engine.queue.next(person, project))!;
  const square = { width: 64, height: 64, data: new Uint8Array(4096).fill(1, 0, 900) };
  const ids = { change: randomUUID(), annotation: randomUUID(), base: 0 };
  const provenance = { source: "manual" } as const;
  await engine.annotations.save(lock, [{ ...ids, kind: "put", mask: encodeRle(square), provenance }]);
  const run = await begin(2);
  expect(run.images).toEqual({ done: 0, total: 2, unreadable: 0 });
  await expect(begin(2)).rejects.toMatchObject({ code: "conflict" });
  expect(await work()).toEqual([]);
  const done = await engine.stages.get(run.id);
  expect(done).toMatchObject({
    version: null,
    images: { done: 2, total: 2, unreadable: 0 },
    confidence: { images: 3 },
  });
  expect(done.confidence!.threshold).toBeGreaterThan(0);
  expect(done.finishedAt).not.toBeNull();
  const masks = await masksOf();
  expect(masks.length).toBe(done.masks);
  expect(masks.length).toBeGreaterThan(0);
  for (const { confidence, source, image_id } of masks) {
    expect(confidence).toBeGreaterThanOrEqual(done.confidence!.threshold!);
    expect([source, image_id === lock.image]).toEqual(["semi-automatic", false]);
  }
  expect(new Set(progress.map(({ what }) => what))).toEqual(new Set(["learning", "labelling"]));
  // Whoever gets the image finds them, with how sure the machine is. A person's mask has no such number.
  await engine.locks.done(lock);
  await engine.transitions.complete(person, lock.job);
  const next = (await engine.queue.next(person, project))!;
  const [first] = await engine.annotations.list(next.job, next.image);
  expect(first).toMatchObject({ author: "00000000-0000-7000-8000-000000000000", revision: 1 });
  const edit = { change: randomUUID(), annotation: first!.id, base: 1 };
  await engine.annotations.save(next, [{ ...edit, kind: "put", mask: encodeRle(square), provenance }]);
  const [edited] = await engine.annotations.list(next.job, next.image);
  expect([edited!.confidence, edited!.revision]).toEqual([null, 2]);
  // Images that have masks are not labelled again.
  await expect(begin(2)).rejects.toThrow("nothing to label");
});

it("stage 3 writes shards as it goes, goes on after it was stopped, and is audited", async () => {
  const { engine, folder, begin, work, masksOf, person, project } = await openProject();
  const output = join(folder, "shards");
  const audit = () => engine.stageAudits.begin(person, project, { masks: 4, imagesPerJob: 1 });
  await expect(audit()).rejects.toThrow("nothing to audit");
  const run = await begin(3);
  await work({ output, stopAfter: 2 });
  const before = await masksOf();
  expect((await engine.stages.get(run.id)).images).toMatchObject({ done: 2, total: 3 });
  expect(before.length).toBeGreaterThan(0);
  const { confidence } = await engine.stages.get(run.id);
  expect(await work({ output })).toEqual([]);
  const after = await masksOf();
  expect(after.slice(0, 0).concat(after.filter(({ id }) => before.some((mask) => mask.id === id)))).toEqual(
    before,
  );
  const done = await engine.stages.get(run.id);
  expect([done.images, done.masks, done.confidence]).toEqual([
    { done: 3, total: 3, unreadable: 0 },
    after.length,
    confidence,
  ]);
  expect(readdirSync(output)).toEqual(["sa_000000.tar"]);
  let written = 0;
  const dataset = await openDataset(output);
  for await (const { annotations } of dataset.records())
    for (const { predictedIou, stabilityScore, pointCoords } of annotations) {
      written++;
      expect([predictedIou, stabilityScore, pointCoords?.length]).toEqual([
        expect.any(Number),
        expect.any(Number),
        1,
      ]);
    }
  expect(written).toBe(after.length);

  // An audit asks annotators about a sample, and says how much of it they left.
  const { stageAudits, queue, annotations, locks, transitions, jobs } = engine;
  expect(await stageAudits.last(project)).toBeUndefined();
  await expect(stageAudits.begin(person, project, { masks: 0 })).rejects.toMatchObject({ code: "invalid" });
  const counted = await engine.statistics.list(project, { by: "source" });
  const begun = await audit();
  expect(begun).toMatchObject({ masks: { total: 4, done: 0 }, interval75: [0, 1] });
  await expect(audit()).rejects.toThrow("has an audit already");
  expect(await engine.statistics.list(project, { by: "source" })).toEqual(counted); // copies aren't work
  // Of the sampled masks the first one is deleted, the second one replaced, the others are left.
  let seen = 0;
  for (;;) {
    const lock = (await queue.next(person, project))!;
    const job = await jobs.get(lock.job);
    if (job.type !== "audit") break; // audits come first
    for (const { id } of await annotations.list(lock.job, lock.image)) {
      const change = { change: randomUUID(), annotation: id, base: 1 };
      const tiny = { width: 64, height: 64, data: Uint8Array.from({ length: 4096 }, (_, i) => +(i === 0)) };
      if (seen === 0) await annotations.save(lock, [{ ...change, kind: "delete" }]);
      if (seen === 1)
        await annotations.save(lock, [
          { ...change, kind: "put", mask: encodeRle(tiny), provenance: { source: "manual" } },
        ]);
      seen++;
    }
    await locks.done(lock);
    await transitions.complete(person, lock.job);
  }
  expect(seen).toBe(4);
  const result = (await stageAudits.last(project))!;
  expect(result).toMatchObject({ masks: { total: 4, done: 4 }, share75: 0.5, share90: 0.5 });
  // Wilson's interval of 2 in 4.
  expect(result.interval90.map((value) => Number(value.toFixed(3)))).toEqual([0.15, 0.85]);
});

it("needs accepted images to learn from", async () => {
  const { begin, work, engine, project } = await openProject(2, 0);
  await begin(2);
  expect(await work()).toMatchObject([{ code: "conflict", message: expect.stringContaining("accept some") }]);
  expect(await engine.stages.pending(project)).toBeUndefined(); // another attempt would end the same way
});

it("passes over images that can't be read, and can put the doubtful ones first", async () => {
  const { engine, begin, work, project, person, images, folder } = await openProject(6, 2);
  const file = (image: number) => join(folder, "images", images[image]!.id, "file");
  writeFileSync(file(1), "no image"); // one of those that are learned from
  writeFileSync(file(2), "no image");
  rmSync(file(3));
  const run = await begin(2, { order: "active", randomShare: 0 });
  expect(await work()).toEqual([]);
  expect(await engine.stages.get(run.id)).toMatchObject({
    images: { done: 4, total: 4, unreadable: 2 },
    confidence: { images: 1 },
  });
  const rows = await engine.context.db
    .selectFrom("stage_run_image")
    .innerJoin("job", "job.id", "stage_run_image.job_id")
    .select(["stage_run_image.job_id", "stage_run_image.image_id", "doubt", "problem", "rank"])
    .execute();
  const problems = new Map(rows.map(({ image_id, problem }) => [image_id, problem]));
  expect(problems.get(images[2]!.id)).toContain("unknown format");
  expect(problems.get(images[3]!.id)).toBe("The file is missing.");
  const readable = rows.filter(({ problem }) => problem === null);
  const first = readable.reduce((a, b) => (b.doubt! > a.doubt! ? b : a));
  expect(readable.every(({ doubt }) => doubt! >= 0 && doubt! <= 1)).toBe(true);
  expect(first.rank).toBe(0);
  expect((await engine.queue.next(person, project))!.image).toBe(first.image_id);
});
