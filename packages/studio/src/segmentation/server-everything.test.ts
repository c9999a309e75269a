import type { Job, JobEvent } from "@segany/server/contract";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiClient } from "../api/api-client.js";
import { everythingOnServer } from "./server-everything.js";
import type { EverythingOptions } from "./types.js";

const JOB: Job = {
  id: "0".repeat(32),
  kind: "segment",
  imageId: "a".repeat(64),
  state: "queued",
  createdAt: "2030-01-01T00:00:00Z",
};
const PROGRESS = { pointsDone: 4, pointsTotal: 16, candidates: 2 };
const MASK = {
  segmentation: { size: [6, 8] as [number, number], counts: "52Y1" },
  area: 2,
  bbox: [1, 1, 1, 2] as [number, number, number, number],
  predicted_iou: 0.9,
  point_coords: [[1, 1]] as [number, number][],
  stability_score: 0.95,
  crop_box: [0, 0, 8, 6] as [number, number, number, number],
};

/** The server's side, which tells of a job what the test lets it. */
function serverThat(tells: readonly JobEvent[]) {
  return {
    segment: vi.fn(async () => JOB),
    watchJob: vi.fn(async (_: string, onEvent: (event: JobEvent) => void, signal: AbortSignal) => {
      for (const event of tells) onEvent(event);
      signal.throwIfAborted();
    }),
    jobMasks: vi.fn(async () => ({ masks: [MASK] })),
    removeJob: vi.fn(async () => undefined),
  } satisfies Partial<ApiClient>;
}

let seen: unknown[];
beforeEach(() => {
  seen = [];
});

const run = (server: ReturnType<typeof serverThat>, options: Partial<EverythingOptions> = {}) =>
  everythingOnServer(server as Partial<ApiClient> as ApiClient, JOB.imageId, {
    settings: {},
    signal: new AbortController().signal,
    onProgress: ({ pointsDone, pointsTotal }) => seen.push([pointsDone, pointsTotal]),
    onFound: (masks) => seen.push(masks),
    ...options,
  });

describe("everything mode on the server", () => {
  it("tells of progress and masks, and has them picked anew there", async () => {
    const server = serverThat([
      { event: "state", data: { ...JOB, state: "running" } },
      { event: "progress", data: PROGRESS },
      { event: "masks", data: { masks: [MASK] } },
      { event: "done", data: { ...JOB, state: "done", progress: { ...PROGRESS, pointsDone: 16 } } },
    ]);
    const found = await run(server);
    const mask = {
      segmentation: { width: 8, height: 6, counts: Uint32Array.of(5, 2, 41) },
      areaPx: 2,
      boxXywh: [0, 0, 2, 6],
      predictedIou: 0.9,
      points: [[1, 1]],
      stabilityScore: 0.95,
    };
    expect(seen).toEqual([[4, 16], [mask], [16, 16]]);
    expect(await found.select({ predIouThresh: 0.8 })).toEqual([mask]);
    expect(server.jobMasks).toHaveBeenCalledWith(JOB.id, { predIouThresh: 0.8 });
    expect(server.removeJob).not.toHaveBeenCalled();
    await found.release();
    expect(server.removeJob).toHaveBeenCalledWith(JOB.id);
  });

  it("asks only for what its contract takes, with a floor for thresholds to be moved to", async () => {
    const server = serverThat([]);
    await run(server, { settings: { pointsPerSide: 8, pointsPerBatch: 64, outputMode: "coco_rle" } });
    expect(server.segment).toHaveBeenCalledWith(JOB.imageId, {
      pointsPerSide: 8,
      floor: { predIouThresh: 0.5, stabilityScoreThresh: 0.5 },
    });
  });

  it("that is stopped while the server still takes the request is ended there as soon as it has a number", async () => {
    const server = serverThat([]);
    const stop = new AbortController();
    server.segment.mockImplementation(async () => {
      stop.abort();
      return JOB;
    });
    await expect(run(server, { signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(server.removeJob).toHaveBeenCalledWith(JOB.id);
    expect(server.watchJob).not.toHaveBeenCalled();
  });

  it.each([
    {
      end: "failed",
      event: {
        event: "failed",
        data: { ...JOB, state: "failed", error: { code: "overloaded", message: "Too much to do." } },
      } as const,
      error: { code: "overloaded", message: "Too much to do." },
    },
    {
      end: "cancelled",
      event: { event: "cancelled", data: { ...JOB, state: "cancelled" } } as const,
      error: { name: "AbortError" },
    },
  ])("that has $end there fails here, and its job is taken away", async ({ event, error }) => {
    const server = serverThat([event]);
    await expect(run(server)).rejects.toMatchObject(error);
    expect(server.removeJob).toHaveBeenCalledWith(JOB.id);
  });

  it("that is stopped here is ended there, even if the server does not answer to that", async () => {
    const server = serverThat([]);
    server.removeJob.mockRejectedValue(new Error("gone"));
    const stop = new AbortController();
    server.watchJob.mockImplementation(async () => {
      stop.abort();
      stop.signal.throwIfAborted();
    });
    await expect(run(server, { signal: stop.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(server.removeJob).toHaveBeenCalledWith(JOB.id);
  });
});
