import { join } from "node:path";
import { type EmbeddingCache, openEmbeddingCache } from "@segany/evaluation";
import { type LoadSamOptions, loadSam } from "@segany/sam";
import { openTrainableModel } from "@segany/sam/training";
import {
  openTrainingSet,
  saveCheckpoint,
  TrainingError,
  type TrainSamOptions,
  trainSam,
} from "@segany/training";
import { trainsEncoder } from "@segany/training/settings";
import type { Context } from "../context.js";
import type { KeptModel, TrainedVersion } from "../models/finish-retraining.js";
import {
  keepModel,
  type ModelOpening,
  openingOf,
  removeEndedRuns,
  takeRunFolder,
} from "../models/model-files.js";
import type { ModelScores, ModelVersion } from "../models/model-version.js";
import { getVersion } from "../models/read-versions.js";
import type { TrainVersionProgress } from "../models/retrain-work.js";
import { scorePrompts } from "./score-prompts.js";
import { snapshotSamples } from "./snapshot-samples.js";

/** What a version is trained with. */
export interface TrainVersionOptions {
  /** The data folder, in which checkpoints are kept. */
  readonly folder: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** The model that projects begin with. */
  readonly base: ModelOpening;
  readonly running?: Pick<LoadSamOptions, "device" | "threads" | "precision" | "cacheDirectory">;
  /** Reads an image's file. */
  readonly readImage: (id: string) => Promise<Uint8Array>;
  readonly onProgress?: (progress: TrainVersionProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a version that `Models.retrain` began, from where an earlier attempt left it, and measures it on the
 * frozen images beside the one that it was trained from. The weights of the end are taken, not those that
 * were best on these images, so that these stay an honest measure. When it resolves, the checkpoint is in the
 * data folder; `storeTrained` makes it a version.
 *
 * @throws DataEngineError `not-found`; TrainingError, SamError
 */
export async function trainVersion(
  context: Pick<Context, "db">,
  id: string,
  options: TrainVersionOptions,
): Promise<TrainedVersion> {
  const { folder, attempt, running = {} } = options;
  await removeEndedRuns(context, folder);
  const version = await getVersion(context.db, id);
  const run = await takeRunFolder(folder, id, attempt);
  const from = await openParent(context, version, options);
  const samples = await snapshotSamples(context, id, { ...options, model: from.io });
  const cache = running.cacheDirectory && join(running.cacheDirectory, "embeddings");
  const { lastCheckpoint } = await trainOrResume({
    ...from.training,
    ...running,
    data: samples.training,
    validation: samples.validation,
    ...(version.settings.rehearsal !== undefined && {
      rehearsal: (await openTrainingSet({ data: version.settings.rehearsal, model: from.io })).samples,
    }),
    output: run,
    settings: version.settings.training,
    embeddings: embeddingsOf(from.encoder, openEmbeddingCache({ directory: cache })),
    ...tellProgress(options),
  });
  const sharesEncoder = !trainsEncoder({ train: version.settings.training.train ?? "decoder" });
  const opening = { ...from.opening, checkpoint: lastCheckpoint };
  const scores = await measure(from.opening, opening, {
    ...options,
    samples: samples.validation,
    sharesEncoder,
  });
  const base = version.parent === null ? { base: await keepBase(from, run, folder) } : {};
  const checkpoint = await keepModel(folder, lastCheckpoint, run);
  const source = { ...from.source, isKept: true };
  return {
    ...{ version: id, source, checkpoint, encoder: sharesEncoder ? from.encoder : checkpoint, scores },
    ...base,
  };
}

/** The model that a version is trained from. */
interface Parent {
  readonly opening: ModelOpening;
  readonly training: Pick<
    TrainSamOptions,
    "model" | "checkpoint" | "lora" | "ignoreUnused" | "preprocessing"
  >;
  readonly source: KeptModel["source"];
  readonly checkpoint: string;
  readonly encoder: string;
  readonly io: Awaited<ReturnType<typeof openTrainableModel>>["model"];
}

async function openParent(
  { db }: Pick<Context, "db">,
  { parent }: ModelVersion,
  { folder, base, running }: TrainVersionOptions,
): Promise<Parent> {
  const version = parent === null ? undefined : await getVersion(db, parent);
  const opening = version ? openingOf(folder, version) : base;
  const { name, ...rest } = opening;
  const { model, state } = await openTrainableModel(name, {
    ...rest,
    ...(running?.cacheDirectory !== undefined && { cacheDirectory: running.cacheDirectory }),
  });
  await state.close();
  const { ignoreUnused, preprocessing } = opening;
  return {
    opening,
    training: { ...rest, ...(name !== undefined && { model: name }) },
    source: version?.source ?? {
      name: model.name,
      isKept: false,
      ...(ignoreUnused && { ignoreUnused }),
      ...(preprocessing !== undefined && { preprocessing }),
    },
    checkpoint: version?.checkpoint ?? model.checkpointSha256,
    encoder: version?.encoder ?? model.checkpointSha256,
    io: model,
  };
}

/** Goes on with the run in the folder, or starts one. */
async function trainOrResume(options: TrainSamOptions) {
  try {
    return await trainSam({ ...options, resume: true });
  } catch (error) {
    if (!(error instanceof TrainingError && error.code === "run-not-found")) throw error;
    return trainSam(options);
  }
}

/** Embeddings under the name of the encoder that made them: versions with other decoders share them. */
function embeddingsOf(encoder: string, cache: EmbeddingCache): EmbeddingCache {
  return {
    async get(file, model, encode) {
      const shared = { ...model, checkpointSha256: encoder };
      const found = await cache.get(file, shared, async () => ({ ...(await encode()), model: shared }));
      return { ...found, model };
    },
  };
}

function tellProgress({
  onProgress,
  signal,
}: TrainVersionOptions): Pick<TrainSamOptions, "onEvent" | "signal"> {
  return {
    ...(signal && { signal }),
    onEvent(event) {
      if (event.kind === "step") onProgress?.({ what: "training", done: event.step, total: event.steps });
      else if (event.kind !== "validation")
        onProgress?.({ what: event.kind, done: event.done, total: event.total });
    },
  };
}

async function measure(
  before: ModelOpening,
  after: ModelOpening,
  {
    running,
    samples,
    sharesEncoder,
    signal,
    onProgress,
  }: TrainVersionOptions & {
    readonly samples: Parameters<typeof scorePrompts>[1];
    readonly sharesEncoder: boolean;
  },
): Promise<ModelScores> {
  const open = ({ name, ...opening }: ModelOpening) =>
    loadSam(name, { ...running, ...opening, runIn: "this-process" });
  const { lora: _, name: __, ...whole } = after;
  await using first = await open(before);
  await using second = await open(whole);
  const [old, young] = await scorePrompts([{ sam: first }, { sam: second, sharesEncoder }], samples, {
    signal,
    onProgress: (done, total) => onProgress?.({ what: "measuring", done, total }),
  });
  return { before: old!, after: young! };
}

/** The model that the project began with: a file of somebody's is copied, for it may go. */
async function keepBase(from: Parent, run: string, folder: string): Promise<KeptModel> {
  const { opening, source, checkpoint, encoder } = from;
  if (opening.checkpoint === undefined && opening.lora === undefined)
    return { source: { ...source, isKept: false }, checkpoint, encoder };
  const { name, ...rest } = opening;
  const { state } = await openTrainableModel(name, rest);
  const path = join(run, "base.safetensors");
  try {
    await saveCheckpoint({ path, base: state, changed: new Map() });
  } finally {
    await state.close();
  }
  return { source: { ...source, isKept: true }, checkpoint: await keepModel(folder, path), encoder };
}
