import { join } from "node:path";
import { openDataEngine, type StoreLocation } from "@segany/data-engine";
import { openDataset } from "@segany/dataset";
import { expect, onTestFinished } from "vitest";
import { addSmallProject } from "../src/testing/small-project.js";
import { runAndKill } from "./killed-worker.js";

/** Images that the stage labels, and lines that a worker prints for each, and before and after them. */
const IMAGES = 4;
const LEARNED = 2;
const LINES = 1 + LEARNED + IMAGES + 1;

/**
 * Kills a run of stage 3 again and again. In the end each image was labelled once, and the shards have each
 * image once, with the masks that are stored.
 */
export async function killStageRounds(
  { location, folder }: { readonly location: StoreLocation; readonly folder: string },
  rounds: number,
): Promise<void> {
  const engine = await openDataEngine(location);
  onTestFinished(engine.close);
  const { person, project } = await addSmallProject(engine, folder, LEARNED + IMAGES, LEARNED);
  const settings = { precision: 0.5, pointsPerSide: 3 };
  const run = await engine.stages.begin(person, project, 3, settings);
  const isDone = async () => (await engine.workQueue.get(run.work)).state === "done";
  const work = async (lines: number) => {
    if (!(await isDone()))
      await runAndKill("stage-main.mjs", { location, folder, worker: "the only one" }, lines);
  };
  for (let round = 0; round < rounds; round++)
    await work(1 + Math.floor((LINES * (round + Math.random())) / rounds));
  await work(Number.POSITIVE_INFINITY);
  const done = await engine.stages.get(run.id);
  expect(done.images).toEqual({ done: IMAGES, total: IMAGES, unreadable: 0 });
  const stored = await engine.context.db
    .selectFrom("annotation")
    .select(["id", "image_id", "area"])
    .where("source", "=", "automatic")
    .execute();
  expect(stored.length).toBe(done.masks);
  expect(done.masks).toBeGreaterThan(0);
  const written: string[] = [];
  const images = new Set<string>();
  const dataset = await openDataset(join(folder, "shards"));
  for await (const { image, annotations } of dataset.records()) {
    expect(images.has(image.fileName)).toBe(false);
    images.add(image.fileName);
    written.push(...annotations.map(({ area }) => `${image.fileName.slice(0, 16)} ${area}`));
  }
  expect(images.size).toBe(IMAGES);
  expect(written.sort()).toEqual(
    stored.map(({ image_id, area }) => `${image_id.slice(0, 16)} ${area}`).sort(),
  );
}
