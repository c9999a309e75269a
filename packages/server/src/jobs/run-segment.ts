import { countPrompts, type MaskGeneratorOptions } from "@segany/sam/settings";
import type { BlobStore } from "../blobs/blob-store.js";
import type { SegmentRequest } from "../contract/jobs.js";
import type { MaskList } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import type { WorkerEvent } from "../inference/messages.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import type { Worker } from "../inference/worker-process.js";
import type { ServedModels } from "../models/served-models.js";
import type { Limits } from "../options.js";
import { imageKeys } from "../records/stored-image.js";

/** What everything mode needs besides a worker. */
export interface SegmentServices {
  readonly blobs: BlobStore;
  readonly models: Pick<ServedModels, "of">;
  readonly limits: Pick<Limits, "maxPixels">;
}

/** What everything mode is to be run on, and how. */
export interface SegmentTask {
  readonly imageId: string;
  readonly request: SegmentRequest;
  /** Id of the version of a project's model; without one it is the server's model. */
  readonly version?: string | undefined;
}

interface RunOptions {
  readonly client?: string | undefined;
  readonly signal: AbortSignal;
  readonly onBegin: (worker: Worker) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Prompts per decoder call: few, for frequent progress and fast cancelling. */
const POINTS_PER_BATCH = 16;

/** Candidates below these and below the thresholds asked for are discarded; the request may set others. */
const FLOOR = { predIouThresh: 0.5, stabilityScoreThresh: 0.5 };

/** Runs everything mode on a worker and returns the masks for the thresholds of the request. */
export async function runSegment(
  jobId: string,
  { imageId, request, version: versionId }: SegmentTask,
  pool: WorkerPool,
  { blobs, models, limits }: SegmentServices,
  { client, signal, onBegin, onEvent }: RunOptions,
): Promise<MaskList> {
  const { version, embeddings } = await models.of(versionId);
  const imagePath = await blobs.localPath(imageKeys.file(imageId));
  const options = generatorOptions(request);
  const { maxPixels } = limits;
  return embeddings.use(imageId, { client, isForJob: true }, ({ float32Path: embeddingPath }) =>
    pool.call(
      "segment",
      {
        ...(version && { version }),
        jobId,
        imagePath,
        maxPixels,
        embeddingPath,
        options,
        floor: { ...FLOOR, ...definedOnly(request.floor ?? {}) },
      },
      { priority: () => PRIORITY.job, client, signal, onBegin, onProgress: onEvent },
    ),
  );
}

/**
 * Validates the settings and the number of prompts before a job is created.
 *
 * @throws ServerError `option-invalid`
 */
export function checkSegment(
  request: SegmentRequest,
  { maxPromptsPerJob }: Pick<Limits, "maxPromptsPerJob">,
) {
  const prompts = promptsOf(request);
  if (prompts <= maxPromptsPerJob) return;
  throw new ServerError(
    "option-invalid",
    `The job would have ${prompts} prompts; at most ${maxPromptsPerJob} are allowed. Lower pointsPerSide or cropNLayers, or raise cropNPointsDownscaleFactor.`,
  );
}

function promptsOf(request: SegmentRequest): number {
  try {
    return countPrompts(generatorOptions(request));
  } catch (error) {
    throw apiErrorOf(error);
  }
}

function generatorOptions({ floor: _floor, ...request }: SegmentRequest): MaskGeneratorOptions {
  return { pointsPerBatch: POINTS_PER_BATCH, ...definedOnly(request) };
}

/** What a request gives: null counts as left out. */
function definedOnly<T extends object>(request: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const given = Object.entries(request).filter(([, value]) => value != null);
  return Object.fromEntries(given) as { [K in keyof T]?: NonNullable<T[K]> };
}
