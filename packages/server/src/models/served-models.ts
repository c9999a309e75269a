import type { ModelVersion } from "@segany/data-engine";
import type { Engine } from "../database/open-engine.js";
import type { EmbeddingService, OtherEncoder } from "../embeddings/embedding-service.js";
import { ServerError } from "../errors.js";
import type { VersionModel } from "../inference/messages.js";
import type { WorkerPool } from "../inference/worker-pool.js";
import type { WorkerModel } from "../options.js";
import { createPartsOf, type ModelParts, toParts } from "./model-parts.js";
import { createVersionWatch, type VersionWatch } from "./version-watch.js";

/** A model that the server answers with. */
export interface ServedModel {
  /** For calls of workers; undefined for the model that the server was started with. */
  readonly version: VersionModel | undefined;
  /** Of its image encoder, which other versions may share. */
  readonly embeddings: EmbeddingService;
  parts(): Promise<ModelParts>;
}

/** The model that the server was started with, and the versions of projects' models. */
export interface ServedModels extends VersionWatch {
  readonly own: ServedModel;
  /**
   * @param version id of a version; undefined for the server's own model
   * @throws ServerError, DataEngineError `not-found`; DataEngineError `conflict` while it is trained
   */
  of(version: string | undefined): Promise<ServedModel>;
  /** The model that a project's images are labelled with: its current version, if that can be opened here. */
  ofProject(project: string): Promise<ServedModel>;
  /** Drops what is stored of an image. */
  forget(imageId: string): Promise<void>;
}

export interface ServedModelsOptions {
  readonly engine: Engine;
  readonly pool: WorkerPool;
  /** The data folder, which has the weights of versions. */
  readonly folder: string;
  /** How models run. */
  readonly running: Pick<WorkerModel, "device" | "threads" | "precision">;
  readonly embeddings: EmbeddingService;
  /** Embeddings of another image encoder than the server's. */
  readonly openEmbeddings: (other: OtherEncoder) => Promise<EmbeddingService>;
  readonly report: (message: string) => void;
}

export function createServedModels(options: ServedModelsOptions): ServedModels {
  const { engine, pool, report } = options;
  const parts = Promise.resolve(toParts(pool));
  const own: ServedModel = { version: undefined, embeddings: options.embeddings, parts: () => parts };
  const others = createOtherEmbeddings(options.openEmbeddings);
  const open = createOpenVersion(own, others.of, options);
  const opened = new Map<string, Promise<ServedModel>>();

  async function find(id: string): Promise<ServedModel> {
    const there = await engine.ifPresent();
    if (!there) throw new ServerError("not-found", `There is no model version ${id}.`);
    const found = await there.models.get(id);
    return open(found).catch((cause: Error & { code?: string }) => {
      if (cause.code !== "not-found") throw cause;
      report(cause.message);
      throw new ServerError("not-found", `The weights of version ${found.number} are not on this server.`);
    });
  }

  function of(id: string | undefined): Promise<ServedModel> {
    if (id === undefined) return Promise.resolve(own);
    const opening = opened.get(id) ?? find(id);
    opened.set(id, opening);
    opening.catch(() => opened.delete(id)); // its weights may be copied here, or its training end
    return opening;
  }

  /** A version that can't be opened here leaves the project with the server's model. */
  async function current(project: string) {
    const found = await (await engine.ifPresent())?.models.currentId(project);
    const isHere = found && (await of(found.id).catch(() => undefined));
    return isHere ? found : undefined;
  }

  return {
    own,
    of,
    ...createVersionWatch(current),
    ofProject: async (project) => of((await current(project))?.id),
    async forget(imageId) {
      await own.embeddings.forget(imageId);
      await others.forget(imageId);
    },
  };
}

/** Opens a version; what the workers do with it comes later. */
function createOpenVersion(
  own: ServedModel,
  embeddingsOf: (other: OtherEncoder) => Promise<EmbeddingService>,
  { pool, folder, running }: ServedModelsOptions,
): (found: ModelVersion) => Promise<ServedModel> {
  const partsOf = createPartsOf(pool);
  return async (found) => {
    if (found.source?.isKept === false && found.checkpoint === pool.model.checkpointSha256) return own;
    const { openingOf } = await import("@segany/data-engine");
    const opening = { ...openingOf(folder, found), ...running };
    const version = { checkpoint: found.checkpoint!, opening };
    const encoder = found.encoder!;
    const isOurs = encoder === pool.model.checkpointSha256;
    const embeddings = isOurs ? own.embeddings : await embeddingsOf({ encoder, version });
    return { version, embeddings, parts: () => partsOf(version) };
  };
}

/** Embeddings by the image encoder that makes them. */
function createOtherEmbeddings(open: ServedModelsOptions["openEmbeddings"]) {
  const services = new Map<string, Promise<EmbeddingService>>();
  return {
    of(other: OtherEncoder): Promise<EmbeddingService> {
      const opening = services.get(other.encoder) ?? open(other);
      services.set(other.encoder, opening);
      opening.catch(() => services.delete(other.encoder));
      return opening;
    },
    async forget(imageId: string): Promise<void> {
      for (const service of services.values()) await (await service).forget(imageId);
    },
  };
}
