/** The saved state of a run: one safetensors file, replaced as a whole. */
import { join } from "node:path";
import {
  openStateDict,
  readSafetensorsIndex,
  type TensorToWrite,
  writeSafetensors,
} from "@segany/graph/weights";
import { createAtomicFile, openFileSource } from "@segany/runtime/files";
import { TrainingError } from "../errors.js";
import type { TrainerState } from "../loop/trainer-state.js";
import type { BestValidation, ValidationResult } from "../loop/validate.js";
import type { RandomState } from "../random/random.js";
import type { Moments } from "../step/adamw.js";
import type { Parameter } from "../step/parameters.js";

/** Name of the file in a run's folder. */
export const STATE_FILE = "state.safetensors";

/** The names that a weight's four tensors begin with. */
const ROLES = ["weight", "first", "second", "average"] as const;

/** What is saved beside the trainer's state. */
export interface RunNotes {
  /** Of what the run was made: a resumed one must be the same. */
  readonly identity: string;
  /** Scores before the first step; null without validation. */
  readonly before: ValidationResult | null;
  /** The best validation so far, and after how many steps it was. */
  readonly best: BestValidation | null;
  /** The last validation; null without any. */
  readonly last: ValidationResult | null;
  /** Validations since the best one. */
  readonly sinceBest: number;
}

/** A saved run. */
export interface RunState extends RunNotes {
  readonly trainer: TrainerState;
}

/** Writes the state into a run's folder, in place of the last one. */
export async function saveRunState(folder: string, { trainer, ...notes }: RunState): Promise<void> {
  const { step, parameters, moments } = trainer.optimizer;
  const tensors = [...parameters].flatMap(([key, { shape, data }]): TensorToWrite[] => {
    const values = { weight: data, ...moments.get(key)! };
    return ROLES.map((role) => ({ key: `${role} ${key}`, shape, values: () => values[role] }));
  });
  const run = JSON.stringify({ ...notes, step, random: trainer.random, queues: trainer.queues });
  const file = await createAtomicFile(join(folder, STATE_FILE));
  try {
    await writeSafetensors(tensors, (bytes) => file.append(bytes), { run });
    await file.finish();
  } finally {
    await file.discard();
  }
}

/**
 * Reads the state of a run's folder.
 *
 * @throws TrainingError `run-mismatch` for a damaged one; SamError if it can't be read
 */
export async function loadRunState(folder: string): Promise<RunState> {
  const path = join(folder, STATE_FILE);
  const source = await openFileSource(path);
  try {
    const { metadata } = await readSafetensorsIndex(source);
    const notes = parseNotes(metadata.run, path);
    const state = await openStateDict(source, { name: path, sha256: "" });
    const parameters = new Map<string, Parameter>();
    const moments = new Map<string, Moments>();
    for (const [name, { shape }] of state.tensors) {
      if (!name.startsWith("weight ")) continue;
      const key = name.slice("weight ".length);
      parameters.set(key, { shape, data: await state.load(name) });
      const [first, second, average] = await Promise.all(
        ROLES.slice(1).map((role) => state.load(`${role} ${key}`)),
      );
      moments.set(key, { first: first!, second: second!, average: average! });
    }
    const { step, random, queues, ...rest } = notes;
    return { ...rest, trainer: { optimizer: { step, parameters, moments }, random, queues } };
  } finally {
    await source.close();
  }
}

interface Notes extends RunNotes {
  readonly step: number;
  readonly random: RandomState;
  readonly queues: readonly (readonly number[])[];
}

function parseNotes(text: string | undefined, path: string): Notes {
  try {
    const notes = JSON.parse(text ?? "") as Notes;
    if (Number.isSafeInteger(notes.step) && areQueues(notes.queues)) return notes;
  } catch {
    // said below
  }
  throw new TrainingError("run-mismatch", `"${path}" is not the state of a run. Is it damaged?`);
}

function areQueues(queues: unknown): boolean {
  const isQueue = (queue: unknown) => Array.isArray(queue) && queue.every(Number.isSafeInteger);
  return Array.isArray(queues) && queues.every(isQueue);
}
