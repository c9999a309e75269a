import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { flushFile, flushFolder, hashFile, makeFolder, writeFileAtomic } from "@segany/runtime/files";
import type { LoadSamOptions } from "@segany/sam";
import type { Context } from "../context.js";
import { DataEngineError } from "../errors.js";
import type { ModelVersion } from "./model-version.js";

/** How a model is opened: its name for `loadSam`, and the options with it. */
export type ModelOpening = Pick<LoadSamOptions, "checkpoint" | "lora" | "ignoreUnused" | "preprocessing"> & {
  readonly name?: string;
};

/** In the data folder: a folder for each kept checkpoint, named by its SHA-256. */
export const MODELS_FOLDER = "models";
/** In the data folder: runs that are not finished. */
export const TRAINING_FOLDER = "training";

const CHECKPOINT = "checkpoint.safetensors";

/** What of a run is kept beside its checkpoint. */
const RUN_FILES = ["metrics.jsonl", "report.html"] as const;

/**
 * Opens a version's weights.
 *
 * @throws DataEngineError `conflict` while it is trained; `not-found` if its file is not in the data folder
 */
export function openingOf(folder: string, { number, source, checkpoint }: ModelVersion): ModelOpening {
  if (source === null || checkpoint === null)
    throw new DataEngineError("conflict", `Version ${number} has no weights yet.`);
  if (!source.isKept) return { name: source.name };
  const path = join(folder, MODELS_FOLDER, checkpoint, CHECKPOINT);
  if (!existsSync(path))
    throw new DataEngineError(
      "not-found",
      `The weights of version ${number} are not in the data folder ("${path}"). Copy its folder "${MODELS_FOLDER}" there.`,
    );
  const { ignoreUnused, preprocessing } = source;
  return {
    checkpoint: path,
    ...(ignoreUnused && { ignoreUnused }),
    ...(preprocessing !== undefined && {
      preprocessing: preprocessing as NonNullable<ModelOpening["preprocessing"]>,
    }),
  };
}

/**
 * Moves a whole checkpoint, and what tells of its training, to where they are kept. The checkpoint comes
 * last, flushed to the disk: a folder that has one is complete.
 *
 * @param run folder of the training, for one that was trained here
 * @returns the checkpoint's SHA-256
 */
export async function keepModel(folder: string, file: string, run?: string): Promise<string> {
  const hash = await hashFile(file);
  const target = join(folder, MODELS_FOLDER, hash);
  await makeFolder(target);
  if (run !== undefined) await copyRunFiles(run, target);
  await flushFile(file);
  await rename(file, join(target, CHECKPOINT));
  await flushFolder(target);
  await flushFolder(join(folder, MODELS_FOLDER));
  return hash;
}

async function copyRunFiles(run: string, target: string): Promise<void> {
  for (const name of RUN_FILES) {
    await writeFileAtomic(join(target, name), await readFile(join(run, name)));
    await flushFile(join(target, name));
  }
}

const runName = (version: string, attempt: number) => `${version}-${attempt}`;

/** A run's folder: the version's id, and the attempt that has it. */
const RUN_NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d+)$/;

/**
 * Takes the folder of a version's run for an attempt, with all that earlier ones left there. It is renamed,
 * so that an earlier attempt that still goes on, unnoticed, can write nothing more.
 */
export async function takeRunFolder(folder: string, version: string, attempt: number): Promise<string> {
  const runs = join(folder, TRAINING_FOLDER);
  await makeFolder(runs);
  const path = join(runs, runName(version, attempt));
  const earlier = (await listRuns(runs))
    .filter((run) => run.version === version)
    .sort((a, b) => b.attempt - a.attempt);
  if (earlier[0]) await rename(join(runs, earlier[0].name), path);
  else await makeFolder(path);
  return path;
}

/** Removes the folders of runs that have ended. */
export async function removeEndedRuns({ db }: Pick<Context, "db">, folder: string): Promise<void> {
  const runs = join(folder, TRAINING_FOLDER);
  for (const { name, version } of await listRuns(runs)) {
    const row = await db
      .selectFrom("model_version")
      .select("state")
      .where("id", "=", version)
      .executeTakeFirst();
    if (row?.state !== "training") await rm(join(runs, name), { recursive: true, force: true });
  }
}

async function listRuns(folder: string) {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.flatMap((name) => {
    const [, version, attempt] = RUN_NAME.exec(name) ?? [];
    return version === undefined ? [] : [{ name, version, attempt: Number(attempt) }];
  });
}
