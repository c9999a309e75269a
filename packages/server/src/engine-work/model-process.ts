import type {
  DataEngineError,
  ModelOpening,
  RunStageProgress,
  StageAttempt,
  StageRun,
  StoreLocation,
  TrainAttempt,
  TrainedVersion,
  TrainVersionProgress,
} from "@segany/data-engine";
import { type Client, createClient, type Method } from "@segany/runtime";
import { forkChannel } from "@segany/runtime/processes";
import { WorkerLostError } from "../errors.js";
import { NICENESS } from "../inference/worker-process.js";
import type { WorkerModel } from "../options.js";

/** What a process for long work of a project's model can do. */
export interface ModelMethods {
  readonly train: Method<
    ModelPlace & { readonly version: string; readonly attempt: number },
    TrainedVersion,
    TrainVersionProgress
  >;
  readonly label: Method<ModelPlace & { readonly run: string }, StageRun, RunStageProgress>;
}

/** Where versions are, and from what they come. */
export interface ModelPlace {
  readonly location: StoreLocation;
  /** The data folder. */
  readonly folder: string;
  /** The model that projects begin with. */
  readonly base: ModelOpening;
  readonly running: Pick<WorkerModel, "device" | "threads" | "precision">;
}

/** Long work of a project's model. */
export interface ModelWork {
  readonly train: TrainAttempt;
  readonly label: StageAttempt;
}

/** Time that stopped work has to save its state. */
const GRACE_MS = 1500;

/** Works in a process of its own for each attempt: the server stays free, and an end frees all memory. */
export function workInProcess(place: ModelPlace, errorClass: typeof DataEngineError): ModelWork {
  const inProcess = async <T>(work: (client: Client<ModelMethods>) => Promise<T>): Promise<T> => {
    const channel = forkChannel(new URL("./model-process-main.js", import.meta.url), {
      niceness: 2 * NICENESS, // clicks and encoders go first
    });
    const client = createClient<ModelMethods>(channel, {
      errorClasses: { DataEngineError: errorClass },
      aborted: () => new Error("The work was stopped."),
      lost: (how) => new WorkerLostError(how),
      graceMs: GRACE_MS,
    });
    try {
      return await work(client);
    } finally {
      client.end("the work is over");
    }
  };
  return {
    train: (version, attempt, options) =>
      inProcess((client) => client.call("train", { ...place, version, attempt }, options)),
    label: (run, options) => inProcess((client) => client.call("label", { ...place, run }, options)),
  };
}
