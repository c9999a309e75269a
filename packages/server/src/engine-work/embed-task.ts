import type { EmbedWork, WorkHandler } from "@segany/data-engine";
import type { ApiErrorCode } from "../contract/errors.js";
import type { EngineParts } from "../database/open-engine.js";
import type { EmbeddingService } from "../embeddings/embedding-service.js";
import { ServerError } from "../errors.js";

/** How far the work is, and its result. */
export interface EmbedProgress {
  /** Images that have an embedding. */
  readonly done: number;
  /** Images that can't be read. */
  readonly unreadable: number;
  /** Images that are left for when they are opened, because the cache of embeddings is full. */
  readonly left: number;
  readonly images: number;
}

/** The embeddings of the model that a project's images are labelled with. */
export type EmbeddingsOfProject = (project: string) => Promise<Pick<EmbeddingService, "use" | "bytes">>;

/** Of an image that will never be encoded; other errors pass. */
const OF_THE_IMAGE: ReadonlySet<ApiErrorCode> = new Set(["not-found", "image-unreadable", "image-too-large"]);

/** Encodes images of a task in their order. Those that are encoded already take no time. */
export function createEmbedTask(
  { tasks }: Pick<EngineParts, "tasks">,
  embeddingsOf: EmbeddingsOfProject,
  maxEmbeddingBytes: number,
): WorkHandler {
  return async ({ payload, project }, { signal, progress }) => {
    const embeddings = await embeddingsOf(project!); // as tasks have one
    const { task, range } = payload as EmbedWork;
    const images = (await tasks.images(task)).slice(...(range ?? []));
    let [done, unreadable, largest] = [0, 0, 0];
    const report = (): EmbedProgress => ({
      ...{ done, unreadable, left: images.length - done - unreadable, images: images.length },
    });
    for (const { id } of images) {
      signal.throwIfAborted();
      const before = embeddings.bytes();
      if (before + largest > maxEmbeddingBytes) break; // to encode more would evict what was encoded
      try {
        await embeddings.use(id, { isForJob: true }, async () => undefined);
        done++;
      } catch (error) {
        if (!(error instanceof ServerError && OF_THE_IMAGE.has(error.code))) throw error;
        unreadable++;
      }
      largest = Math.max(largest, embeddings.bytes() - before);
      progress(report());
    }
    return async () => report();
  };
}
