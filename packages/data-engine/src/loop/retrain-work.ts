import { SamError, type SamErrorCode } from "@segany/masks";
import { TrainingError } from "@segany/training";
import type { Context } from "../context.js";
import { DataEngineError } from "../errors.js";
import { storeTrained, type TrainedVersion } from "../models/finish-retraining.js";
import type { WorkHandler } from "../work-items/run-item.js";
import type { WorkItem } from "../work-items/work-item.js";
import type { TrainVersionProgress } from "./train-version.js";

/** Trains the version of an attempt: `trainVersion`, here or in another process. */
export type TrainAttempt = (
  version: string,
  attempt: number,
  run: { readonly signal: AbortSignal; readonly onProgress: (progress: TrainVersionProgress) => void },
) => Promise<TrainedVersion>;

/** Errors of the model after which an attempt may be made again: of the disk and the network. */
const PASSING: ReadonlySet<SamErrorCode> = new Set([
  "aborted",
  "cache-failed",
  "download-failed",
  "file-unwritable",
]);

/** The handler of work of the kind `RETRAIN`. Its result: the version's number, state and scores. */
export function createRetrainWork({ now }: Pick<Context, "now">, train: TrainAttempt): WorkHandler {
  return async (item, { signal, progress }) => {
    const trained = await train(versionOf(item), item.attempt, { signal, onProgress: progress }).catch(
      (error: unknown) => {
        throw isPassing(error) ? error : new DataEngineError("invalid", messageOf(error), { cause: error });
      },
    );
    return async (trx) => {
      const { number, state, scores } = await storeTrained(trx, now(), trained);
      return { number, state, scores };
    };
  };
}

const versionOf = ({ payload }: WorkItem) => (payload as { readonly version: string }).version;

function isPassing(error: unknown): boolean {
  if (error instanceof TrainingError) return false;
  return !(error instanceof SamError) || PASSING.has(error.code);
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
