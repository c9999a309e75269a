import { describe, expect, it } from "vitest";
import type { SegmentRequest } from "../contract/jobs.js";
import type { WorkerPool } from "../inference/worker-pool.js";
import { checkSegment, runSegment, type SegmentServices } from "./run-segment.js";

const services = {
  blobs: { localPath: async (key: string) => `/data/${key}` },
  models: {
    of: async () => ({
      embeddings: {
        use: (_id: string, _wish: object, work: (files: object) => unknown) =>
          work({ float32Path: "/data/e.safetensors" }),
      },
    }),
  },
  limits: { maxPixels: 7 },
} as unknown as SegmentServices;

/** What a worker is asked to do for a request. */
async function taskOf(request: SegmentRequest): Promise<unknown> {
  let task: unknown;
  const pool = {
    async call(method: string, input: unknown) {
      task = { method, ...(input as object) };
      return { masks: [] };
    },
  } as unknown as WorkerPool;
  const options = {
    signal: new AbortController().signal,
    onBegin: () => undefined,
    onEvent: () => undefined,
  };
  await runSegment("j", { imageId: "i", request }, pool, services, options);
  return task;
}

describe("everything mode on a worker", () => {
  it("is told of image, embedding and settings, and takes few points a batch", async () => {
    expect(await taskOf({ pointsPerSide: 8, behaviour: null, cropNLayers: 0 })).toMatchObject({
      method: "segment",
      jobId: "j",
      imagePath: "/data/images/i/file",
      embeddingPath: "/data/e.safetensors",
      maxPixels: 7,
      options: { pointsPerBatch: 16, pointsPerSide: 8, cropNLayers: 0 },
    });
  });

  it.each<[SegmentRequest, number, number]>([
    [{}, 0.5, 0.5],
    [{ predIouThresh: 0.3, stabilityScoreThresh: 0.2 }, 0.5, 0.5],
    [{ floor: { predIouThresh: 0.8, stabilityScoreThresh: 0.7 } }, 0.8, 0.7],
    [{ floor: { predIouThresh: 0.8, stabilityScoreThresh: null } }, 0.8, 0.5],
    [{ floor: null }, 0.5, 0.5],
  ])(
    "hands on its floor, which the generator holds below the request's own thresholds: %j",
    async (request, predIouThresh, stabilityScoreThresh) => {
      expect(await taskOf(request)).toMatchObject({ floor: { predIouThresh, stabilityScoreThresh } });
    },
  );
});

describe("settings of a job", () => {
  const limits = { maxPromptsPerJob: 65_536 };

  it.each<SegmentRequest>([
    {},
    { behaviour: "paper" },
    { pointsPerSide: 128 },
    { pointsPerSide: 64, cropNLayers: 1, cropNPointsDownscaleFactor: null },
  ])("%j may be asked for", (request) => {
    expect(() => checkSegment(request, limits)).not.toThrow();
  });

  it.each<[SegmentRequest, RegExp]>([
    [{ pointsPerSide: 128, cropNLayers: 3 }, /1392640 prompts; at most 65536/],
    [{ pointsPerSide: 128, cropNLayers: 1 }, /81920 prompts/],
    [{ behaviour: "paper", pointsPerSide: 128, cropNPointsDownscaleFactor: 1 }, /344064 prompts/],
    [{ pointsPerSide: 2, cropNLayers: 3, cropNPointsDownscaleFactor: 16 }, /would have no points/],
  ])("%j are refused before there is a job", (request, message) => {
    expect(() => checkSegment(request, limits)).toThrow(
      expect.objectContaining({ code: "option-invalid", message: expect.stringMatching(message) }),
    );
  });
});
