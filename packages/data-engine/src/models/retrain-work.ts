import type { Context } from "../context.js";
import type { WorkHandler } from "../work-items/run-item.js";
import { storeTrained, type TrainedVersion } from "./finish-retraining.js";

/** How far a training is: plain data. */
export interface TrainVersionProgress {
  readonly what: "encoding" | "training" | "comparing" | "measuring";
  readonly done: number;
  readonly total: number;
}

/** Trains the version of an attempt: `trainVersion`, here or in another process. */
export type TrainAttempt = (
  version: string,
  attempt: number,
  run: { readonly signal: AbortSignal; readonly onProgress: (progress: TrainVersionProgress) => void },
) => Promise<TrainedVersion>;

/** The handler of work of the kind `RETRAIN`. Its result: the version's number, state and scores. */
export function createRetrainWork({ now }: Pick<Context, "now">, train: TrainAttempt): WorkHandler {
  return async ({ payload, attempt }, { signal, progress }) => {
    const { version } = payload as { readonly version: string };
    const trained = await train(version, attempt, { signal, onProgress: progress });
    return async (trx) => {
      const { number, state, scores } = await storeTrained(trx, now(), trained);
      return { number, state, scores };
    };
  };
}
