/** Images on the server: sent there, and encoded there. */

import type { EmbeddingStatus, ImageInfo } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { StudioError } from "../errors.js";
import type { Loading } from "../state/status.js";
import type { ImageSource, OpenOptions } from "./types.js";

/**
 * Sees to it that the server has an image.
 *
 * A file is asked for by its id first: ids are made of the content, so one that was sent before is not sent
 * again.
 */
export async function bringToServer(
  api: Pick<ApiClient, "findImage" | "image" | "upload">,
  source: ImageSource,
  { signal, onLoading }: OpenOptions,
): Promise<ImageInfo> {
  if (source.kind === "stored") return api.image(source.id, { signal });
  const known = await api.findImage(source.id, { signal });
  if (known) return known;
  onLoading({ phase: "uploading", bytesDone: 0, bytesTotal: source.file.size });
  const onProgress = (bytesDone: number, bytesTotal: number) =>
    onLoading({ phase: "uploading", bytesDone, bytesTotal });
  return api.upload(source.file, source.name, { signal, onProgress });
}

/** Waits until the server has the image's embedding. @throws StudioError with what the server says */
export async function waitForEmbedding(
  api: ApiClient,
  { id, embedding }: ImageInfo,
  { signal, onLoading }: OpenOptions,
): Promise<void> {
  if (embedding.state === "ready") return;
  const onStatus = (status: EmbeddingStatus) => {
    if (status.state === "failed") throw new StudioError("internal", status.message);
    const loading = loadingOf(status);
    if (loading) onLoading(loading);
  };
  await api.watchEmbedding(id, onStatus, signal);
}

function loadingOf(status: EmbeddingStatus): Loading | null {
  switch (status.state) {
    case "queued":
      return { phase: "queued", position: status.position };
    case "encoding":
      return { phase: "encoding", elapsedMs: status.elapsedMs, expectedMs: status.expectedMs };
    case "none":
    case "ready":
    case "failed":
      return null;
  }
}
