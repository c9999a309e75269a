import type {
  DataEngineError,
  ModelOpening,
  StoreLocation,
  TrainAttempt,
  TrainedVersion,
  TrainVersionProgress,
} from "@segany/data-engine";
import { createClient, type Method } from "@segany/runtime";
import { forkChannel } from "@segany/runtime/processes";
import { WorkerLostError } from "../errors.js";
import { NICENESS } from "../inference/worker-process.js";
import type { WorkerModel } from "../options.js";

/** What a process that trains can do. */
export interface RetrainMethods {
  readonly train: Method<TrainTask, TrainedVersion, TrainVersionProgress>;
}

export interface TrainTask extends RetrainPlace {
  readonly version: string;
  readonly attempt: number;
}

/** Where versions are trained, and from what. */
export interface RetrainPlace {
  readonly location: StoreLocation;
  /** The data folder. */
  readonly folder: string;
  /** The model that projects begin with. */
  readonly base: ModelOpening;
  readonly running: Pick<WorkerModel, "device" | "threads" | "precision">;
}

/** Time that a stopped training has to save its state. */
const GRACE_MS = 1500;

/** Trains in a process of its own for each attempt: the server stays free, and an end frees all memory. */
export function trainInProcess(place: RetrainPlace, errorClass: typeof DataEngineError): TrainAttempt {
  return async (version, attempt, { signal, onProgress }) => {
    const channel = forkChannel(new URL("./retrain-process-main.js", import.meta.url), {
      niceness: 2 * NICENESS, // clicks and encoders go first
    });
    const client = createClient<RetrainMethods>(channel, {
      errorClasses: { DataEngineError: errorClass },
      aborted: () => new Error("The training was stopped."),
      lost: (how) => new WorkerLostError(how),
      graceMs: GRACE_MS,
    });
    try {
      return await client.call("train", { ...place, version, attempt }, { signal, onProgress });
    } finally {
      client.end("the training is over");
    }
  };
}
