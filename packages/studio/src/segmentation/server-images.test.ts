import type { EmbeddingStatus, ImageInfo } from "@segany/server/contract";
import { describe, expect, it, vi } from "vitest";
import type { ApiClient } from "../api/api-client.js";
import type { Loading } from "../state/status.js";
import { bringToServer, waitForEmbedding } from "./server-images.js";
import type { ImageSource } from "./types.js";

const IMAGE: ImageInfo = {
  id: "a".repeat(64),
  width: 8,
  height: 6,
  name: "a.jpg",
  orientation: 1,
  mediaType: "image/jpeg",
  bytes: 10,
  createdAt: "2030-01-01T00:00:00Z",
  embedding: { state: "none" },
};

describe("bringing an image to the server", () => {
  const file = new Blob(["0123456789"]);
  const source = { kind: "file", id: IMAGE.id, file, name: "a.jpg" } as const;

  function serverWith(known: ImageInfo | null) {
    const upload = vi.fn<ApiClient["upload"]>(async (_file, _name, { onProgress }) => {
      onProgress(4, 10);
      return IMAGE;
    });
    const image = vi.fn(async () => IMAGE);
    return { upload, image, findImage: async () => known } satisfies Partial<ApiClient>;
  }

  async function bring(server: ReturnType<typeof serverWith>, from: ImageSource) {
    const loadings: Loading[] = [];
    const { signal } = new AbortController();
    const onLoading = (loading: Loading) => void loadings.push(loading);
    expect(await bringToServer(server as Partial<ApiClient> as ApiClient, from, { signal, onLoading })).toBe(
      IMAGE,
    );
    return loadings;
  }

  it("sends it, and tells how much of it is there", async () => {
    const server = serverWith(null);
    expect(await bring(server, source)).toEqual([
      { phase: "uploading", bytesDone: 0, bytesTotal: 10 },
      { phase: "uploading", bytesDone: 4, bytesTotal: 10 },
    ]);
    expect(server.upload).toHaveBeenCalledWith(file, "a.jpg", expect.anything());
  });

  it("sends nothing that is there, from whomever it came", async () => {
    const server = serverWith(IMAGE);
    expect(await bring(server, source)).toEqual([]);
    expect(await bring(server, { kind: "stored", id: IMAGE.id })).toEqual([]);
    expect(server.upload).not.toHaveBeenCalled();
  });
});

/** What is told of the loading while a server goes through states. */
async function loadingsOf(states: readonly EmbeddingStatus[], image = IMAGE) {
  const loadings: Loading[] = [];
  const watchEmbedding = vi.fn(async (_: string, onStatus: (status: EmbeddingStatus) => void) => {
    for (const state of states) onStatus(state);
  });
  const api = { watchEmbedding } as Partial<ApiClient> as ApiClient;
  const { signal } = new AbortController();
  await waitForEmbedding(api, image, { signal, onLoading: (loading) => loadings.push(loading) });
  return { loadings, asked: watchEmbedding.mock.calls.length };
}

describe("waiting for the server's embedding", () => {
  it("tells the place in the queue, and how long the encoder has been at work", async () => {
    const { loadings } = await loadingsOf([
      { state: "none" },
      { state: "queued", position: 2 },
      { state: "encoding", elapsedMs: 10, expectedMs: null },
      { state: "ready" },
    ]);
    expect(loadings).toEqual([
      { phase: "queued", position: 2 },
      { phase: "encoding", elapsedMs: 10, expectedMs: null },
    ]);
  });

  it("asks for nothing when it is ready", async () => {
    expect(await loadingsOf([], { ...IMAGE, embedding: { state: "ready" } })).toEqual({
      loadings: [],
      asked: 0,
    });
  });

  it("fails with what the server says", async () => {
    await expect(loadingsOf([{ state: "failed", message: "The image is damaged." }])).rejects.toMatchObject({
      code: "internal",
      message: "The image is damaged.",
    });
  });
});
