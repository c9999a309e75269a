import type { ImageEmbedding, Sam } from "@segany/sam";
import { ServerError } from "../errors.js";
import type { WorkerModel } from "../options.js";
import type { VersionModel } from "./messages.js";

/** Most versions of projects' models that a worker has open beside the server's model. */
const MAX_VERSIONS = 2;

/** An open model, and the weights that a page needs to decode with it. */
export interface OpenedModel {
  readonly sam: Sam;
  readonly decoderWeights: Uint8Array;
}

/**
 * The models that a worker has open: the server's, and the versions of projects' models that were asked for
 * last. A session is opened when it is first used, so a version whose image encoder is the server's takes the
 * memory of a decoder.
 */
export interface OpenModels {
  /** Opens the server's model. */
  start(model: WorkerModel): Promise<OpenedModel>;
  /** @throws ServerError `internal` before `start`; the error of a version that can't be opened */
  of(version: VersionModel | undefined): Promise<OpenedModel>;
  /** Keeps the version open for a job until `release`. */
  hold(version: VersionModel | undefined, jobId: string): void;
  release(jobId: string): void;
}

export function createOpenModels(open: (model: WorkerModel) => Promise<OpenedModel>): OpenModels {
  let own: OpenedModel | undefined;
  const versions = new Map<string, Promise<OpenedModel>>(); // in the order of use
  const holds = new Map<string, string>(); // checkpoints, by job

  function closeOldest(): void {
    const held = new Set(holds.values());
    const free = [...versions.keys()].filter((checkpoint) => !held.has(checkpoint));
    for (const checkpoint of free.slice(0, Math.max(0, versions.size - MAX_VERSIONS))) {
      const closing = versions.get(checkpoint)!;
      versions.delete(checkpoint);
      void closing.then(({ sam }) => sam.close()).catch(() => undefined);
    }
  }

  function openVersion({ checkpoint, opening }: VersionModel): Promise<OpenedModel> {
    const opened = versions.get(checkpoint) ?? open(opening);
    versions.delete(checkpoint);
    versions.set(checkpoint, opened);
    opened.catch(() => {
      if (versions.get(checkpoint) === opened) versions.delete(checkpoint);
    });
    closeOldest();
    return opened;
  }

  return {
    async start(model) {
      own = await open(model);
      return own;
    },
    async of(version) {
      if (version) return openVersion(version);
      if (own) return own;
      throw new ServerError("internal", "The worker was called before it was started.");
    },
    hold(version, jobId) {
      if (version) holds.set(jobId, version.checkpoint);
    },
    release(jobId) {
      holds.delete(jobId);
      closeOldest();
    },
  };
}

/** An embedding of a model's image encoder, which another version may have computed, as the model's own. */
export function asOwn(embedding: ImageEmbedding, { model }: Sam): ImageEmbedding {
  const { name, checkpointSha256, precision } = model;
  return { ...embedding, model: { name, checkpointSha256, precision } };
}
