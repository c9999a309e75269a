import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createBackup, openDataEngine, restoreBackup, type StoreLocation } from "@segany/data-engine";
import { expect, onTestFinished } from "vitest";
import { addSmallProject } from "../src/testing/small-project.js";
import { runAndKill } from "./killed-worker.js";

/** Lines that a worker prints from its start to its end, about. */
const LINES = 24;

/**
 * Kills the training of a version again and again, anywhere between its start and the commit of its result.
 * In the end there is one version, whose weights are those of a training that was never killed; and at no
 * time does the current version name a file that is not whole.
 *
 * @param folder two data folders are made in it
 */
export async function killRetrainingRounds(
  { location, folder }: { readonly location: StoreLocation; readonly folder: string },
  rounds: number,
): Promise<void> {
  const [killedFolder, wholeFolder] = [join(folder, "killed"), join(folder, "whole")];
  const begun = await beginRetraining(location, killedFolder);
  const copy = { file: join(folder, "whole.sqlite") };
  await copyEngine(location, copy);
  await cp(killedFolder, wholeFolder, { recursive: true });

  const killed = await openRetraining(location, killedFolder, begun);
  for (let round = 0; round < rounds; round++) {
    const lines = 1 + Math.floor((LINES * (round + Math.random())) / rounds);
    if (await killed.runUntil(lines)) break;
    await killed.check();
  }
  await killed.runUntil(Number.POSITIVE_INFINITY);
  const { checkpoint, versions } = await killed.check();
  expect(versions).toEqual(["0 former", "1 current"]);
  const whole = await openRetraining(copy, wholeFolder, begun);
  await whole.runUntil(Number.POSITIVE_INFINITY);
  expect((await whole.check()).checkpoint).toBe(checkpoint);
}

type Begun = Awaited<ReturnType<typeof beginRetraining>>;

async function beginRetraining(location: StoreLocation, folder: string) {
  const engine = await openDataEngine(location);
  const { person, project } = await addSmallProject(engine, folder, 5);
  const training = { steps: 8, views: 1, masksPerImage: 1, validateEvery: 2, learningRate: 0.03, warmup: 0 };
  const { work } = await engine.models.retrain(person, project, { training, force: "to be killed" });
  await engine.close();
  return { project, work: work! };
}

/** Copies everything from one database into another. */
async function copyEngine(from: StoreLocation, to: StoreLocation): Promise<void> {
  const [source, target] = [await openDataEngine(from), await openDataEngine(to)];
  await restoreBackup(target.context, createBackup(source.context));
  await Promise.all([source.close(), target.close()]);
}

async function openRetraining(location: StoreLocation, folder: string, { project, work }: Begun) {
  const engine = await openDataEngine(location);
  onTestFinished(engine.close);
  const checkpoint = join(folder, "small.safetensors");
  const isDone = async () => (await engine.workQueue.get(work)).state === "done";
  return {
    /** Runs a worker, and kills it after so many lines. @returns whether the work is done */
    async runUntil(lines: number): Promise<boolean> {
      if (await isDone()) return true;
      await runAndKill("retrain-main.mjs", { location, folder, checkpoint, worker: "the only one" }, lines);
      return isDone();
    },
    async check() {
      const versions = await engine.models.list(project);
      const current = versions.find(({ state }) => state === "current");
      const path = join(folder, "models", String(current?.checkpoint), "checkpoint.safetensors");
      if (current) {
        const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
        expect(hash).toBe(current.checkpoint);
      }
      const runs = join(folder, "training");
      if (existsSync(runs)) expect(await readdir(runs)).toHaveLength(1);
      const states = versions.map(({ number, state }) => `${number} ${state}`);
      return { versions: states, checkpoint: current?.checkpoint };
    },
  };
}
