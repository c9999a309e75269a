/** The server, as its contract has it. */

import type { ImageEmbedding } from "@segany/sam";
import {
  API_VERSION,
  API_VERSION_HEADER,
  type CurrentVersionAnswer,
  classListSchema,
  currentVersionEventSchema,
  type EmbeddingStatus,
  ENGINE_HEADER,
  type ImageInfo,
  imageEventSchema,
  imageInfoSchema,
  imageListSchema,
  type Job,
  type JobEvent,
  jobEventSchema,
  jobSchema,
  type KeptClasses,
  type KeptMasks,
  type KeptMasksFrame,
  keptMasksFrameSchema,
  type MaskList,
  type ModelDescription,
  maskListSchema,
  modelInfoSchema,
  type PredictRequest,
  type PredictResponse,
  paths,
  predictResponseSchema,
  type SegmentRequest,
  type SelectionQuery,
} from "@segany/server/contract";
import { StudioError } from "../errors.js";
import { readEmbedding } from "./embedding.js";
import { listen } from "./events.js";
import { parseAnswer, request, requestJson, type Schema } from "./request.js";
import { type UploadOptions, upload } from "./upload.js";

interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** Calls fail with `StudioError`: the server's codes, `server-unreachable`, `answer-invalid`. */
export interface ApiClient {
  /** Whether the page's own host is such a server; false also where it does not answer. */
  isThere(options?: Abortable): Promise<boolean>;
  /** Whether the server has projects that people label. Asking the data engine itself would create it. */
  hasEngine(): Promise<boolean>;
  model(options?: Abortable): Promise<ModelDescription>;
  /**
   * Hears which version of its model a project uses, and of each that takes its place, until the signal is
   * aborted or the server can't be reached.
   */
  watchVersion(
    project: string,
    onVersion: (answer: CurrentVersionAnswer) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Address of a path that the server named. */
  url(path: string): string;
  images(): Promise<readonly ImageInfo[]>;
  image(id: string, options?: Abortable): Promise<ImageInfo>;
  /** null where the server has no such image. */
  findImage(id: string, options?: Abortable): Promise<ImageInfo | null>;
  upload(file: Blob, name: string, options: UploadOptions): Promise<ImageInfo>;
  removeImage(id: string): Promise<void>;
  previewUrl(id: string, maxSide?: number): string;
  preview(id: string, options?: Abortable): Promise<Blob>;
  /** Asks for the embedding and hears how far it is, until it is ready or has failed. */
  watchEmbedding(id: string, onStatus: (status: EmbeddingStatus) => void, signal: AbortSignal): Promise<void>;
  embedding(id: string, options: EmbeddingOptions): Promise<ImageEmbedding>;
  predict(id: string, prompt: PredictRequest, options?: Abortable): Promise<PredictResponse>;
  segment(id: string, settings: SegmentRequest): Promise<Job>;
  /** Hears of a job until its end. */
  watchJob(id: string, onEvent: (event: JobEvent) => void, signal: AbortSignal): Promise<void>;
  jobMasks(id: string, selection: SelectionQuery): Promise<MaskList>;
  removeJob(id: string): Promise<void>;
  /** null where nothing was kept yet. */
  masks(id: string): Promise<{ readonly document: KeptMasksFrame; readonly version: string } | null>;
  /**
   * @returns the new version
   * @throws StudioError `precondition-failed` where the server has another version than is to be replaced
   */
  keepMasks(id: string, masks: KeptMasks, options: KeepOptions): Promise<string>;
  /** The classes of all images; null where no list was kept yet. */
  classes(): Promise<{ readonly document: KeptClasses; readonly version: string } | null>;
  /**
   * @returns the new version
   * @throws StudioError `precondition-failed` where the server has another version than is to be replaced
   */
  keepClasses(classes: KeptClasses, options: KeepOptions): Promise<string>;
}

/** How masks are to be kept. */
export interface KeepOptions {
  /** To be replaced; null: nothing is there. */
  readonly version: string | null;
  /** The request may outlive the page, as far as browsers let it (64 kB). */
  readonly leaving?: boolean;
}

/** An embedding on its way. */
export interface EmbeddingOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (bytesDone: number, bytesTotal: number) => void;
}

/**
 * @param baseUrl of the page, so that the studio works under any path
 * @param version id of a version of a project's model that is asked, instead of the server's model
 */
export function createApiClient(baseUrl: string, version?: string): ApiClient {
  const url = (path: string): string => new URL(path, baseUrl).href;
  return {
    url,
    isThere: async ({ signal } = {}) => {
      const page = await fetch(baseUrl, { method: "HEAD", cache: "no-store", signal: signal ?? null }).catch(
        () => null,
      );
      return page?.headers.get(API_VERSION_HEADER) === API_VERSION;
    },
    hasEngine: async () => {
      const page = await fetch(baseUrl, { method: "HEAD", cache: "no-store" }).catch(() => null);
      return page?.headers.get(ENGINE_HEADER) === "present";
    },
    model: (options) => requestJson(url(paths.model(version)), modelInfoSchema, options),
    images: async () => (await requestJson(url(paths.images()), imageListSchema)).images,
    image: (id, options) => requestJson(url(paths.image(id, version)), imageInfoSchema, options),
    findImage: async (id, options) =>
      (await requestJson(url(paths.images(id)), imageListSchema, options)).images[0] ?? null,
    upload: (file, name, options) => upload(url(paths.images()), file, name, options),
    removeImage: async (id) => void (await request(url(paths.image(id)), { method: "DELETE" })),
    previewUrl: (id, maxSide) => url(paths.preview(id, maxSide)),
    preview: async (id, options) => (await request(url(paths.preview(id)), options)).blob(),
    watchEmbedding: (id, onStatus, signal) =>
      listen(url(paths.imageEvents(id, version)), {
        schema: imageEventSchema,
        names: ["embedding"],
        signal,
        onEvent: ({ data }) => {
          onStatus(data);
          return data.state === "ready" || data.state === "failed";
        },
      }),
    watchVersion: (project, onVersion, signal) =>
      listen(url(paths.modelEvents(project)), {
        schema: currentVersionEventSchema,
        names: ["version"],
        signal,
        onEvent({ data }) {
          onVersion(data);
          return false;
        },
      }),
    embedding: async (id, { signal, onBytes }) =>
      readEmbedding(await request(url(paths.embedding(id, "float16", version)), { signal }), onBytes),
    predict: (id, json, options) =>
      requestJson(url(paths.predict(id, version)), predictResponseSchema, {
        ...options,
        method: "POST",
        json,
      }),
    segment: (id, json) => requestJson(url(paths.segment(id, version)), jobSchema, { method: "POST", json }),
    watchJob: (id, onEvent, signal) =>
      listen(url(paths.jobEvents(id)), {
        schema: jobEventSchema,
        names: ["state", "progress", "masks", "done", "failed", "cancelled"],
        signal,
        onEvent: (event) => {
          onEvent(event);
          return ["done", "failed", "cancelled"].includes(event.event);
        },
      }),
    jobMasks: (id, selection) => requestJson(withQuery(url(paths.jobMasks(id)), selection), maskListSchema),
    removeJob: async (id) => void (await request(url(paths.job(id)), { method: "DELETE" })),
    masks: (id) => readVersioned(url(paths.masks(id)), keptMasksFrameSchema),
    keepMasks: (id, masks, options) => keepVersioned(url(paths.masks(id)), masks, options),
    classes: () => readVersioned(url(paths.classes()), classListSchema),
    keepClasses: (classes, options) => keepVersioned(url(paths.classes()), classes, options),
  };
}

async function readVersioned<T>(
  url: string,
  schema: Schema<T>,
): Promise<{ readonly document: T; readonly version: string } | null> {
  const answer = await request(url);
  if (answer.status === 204) return null;
  return { document: parseAnswer(await answer.text(), schema), version: versionOf(answer) };
}

async function keepVersioned(
  url: string,
  json: object,
  { version, leaving = false }: KeepOptions,
): Promise<string> {
  const headers = version === null ? { "If-None-Match": "*" } : { "If-Match": version };
  return versionOf(await request(url, { method: "PUT", json, headers, keepalive: leaving }));
}

/** The `ETag`. A proxy that packs answers calls it weak; the document is the same to the byte. */
function versionOf({ headers }: Response): string {
  const etag = headers.get("ETag")?.replace(/^W\//, "");
  if (etag) return etag;
  throw new StudioError("answer-invalid", "The server's answer lacks a version (ETag).");
}

function withQuery(url: string, query: SelectionQuery): string {
  const params = Object.entries(query).filter(([, value]) => value !== undefined);
  return `${url}?${new URLSearchParams(params.map(([name, value]) => [name, String(value)]))}`;
}
