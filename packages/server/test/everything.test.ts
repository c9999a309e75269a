import { type Rle, rleIou } from "@segany/masks";
import { loadSam, readImage, SamAutomaticMaskGenerator } from "@segany/sam";
import {
  type Job,
  type JobEvent,
  jobEventSchema,
  type MaskList,
  maskListSchema,
  paths,
} from "@segany/server/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient, expectError, json, send } from "./client.js";
import { readEvents } from "./events.js";
import { createWorkplace, type ServerProcess } from "./server-process.js";
import { paintImage, stillLife } from "./test-images.js";

const workplace = createWorkplace();
let server: ServerProcess;
let client: Client;
let id: string;

beforeAll(async () => {
  server = await workplace.start(workplace.folder("data"));
  client = createClient(server.address);
  ({ id } = await client.upload(stillLife));
});

const get = (path: string) => send(server.address, { path: `/${path}` });
const masksOf = async (job: string, query = ""): Promise<MaskList["masks"]> => {
  const answer = await get(paths.jobMasks(job) + query);
  expect(answer.status, answer.text).toBe(200);
  return maskListSchema.parse(JSON.parse(answer.text)).masks;
};

async function* watch(job: string, headers: Record<string, string> = {}): AsyncGenerator<JobEvent> {
  for await (const { event, data } of readEvents(`${server.address}/${paths.jobEvents(job)}`, headers))
    yield jobEventSchema.parse({ event, data });
}

async function collect(job: string): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of watch(job)) events.push(event);
  return events;
}

/** Watches until something has been decoded; a job that ended before is the test's mistake. */
async function untilProgress(job: string): Promise<void> {
  for await (const { event } of watch(job)) if (event === "progress") return;
  throw new Error("The job ended before it told of progress.");
}

describe("everything mode", () => {
  let job: Job;
  let events: JobEvent[];
  beforeAll(async () => {
    job = await client.segment(id, { pointsPerSide: 12 });
    events = await collect(job.id);
  });

  it("tells its state, its progress, what it has found so far, and its end", async () => {
    const kinds = events.map(({ event }) => event);
    expect(kinds[0]).toBe("state");
    expect(kinds.at(-1)).toBe("done");
    expect(new Set(kinds)).toEqual(new Set(["state", "progress", "masks", "done"]));
    const done = events.flatMap((event) => (event.event === "progress" ? [event.data.pointsDone] : []));
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.length).toBeGreaterThan(2);
    expect(done.at(-1)).toBe(144);
    const ended = await client.job(job.id);
    expect(events.at(-1)).toEqual({ event: "done", data: ended });
    expect(ended).toMatchObject({ kind: "segment", imageId: id, state: "done" });
  });

  it("finds the masks that the library finds", async () => {
    await using sam = await loadSam();
    const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 12, outputMode: "coco_rle" });
    const expected = await generator.generate(await readImage(stillLife));
    const masks = await masksOf(job.id);
    expect(masks).toHaveLength(expected.length);
    expect((await client.job(job.id)).masks).toBe(expected.length);
    for (const [i, { segmentation, predicted_iou, stability_score, point_coords }] of masks.entries()) {
      expect(rleIou([segmentation], [expected[i]!.segmentation as Rle])[0]).toBeGreaterThan(0.999);
      expect(predicted_iou).toBeCloseTo(expected[i]!.predictedIou, 4);
      expect(stability_score).toBeCloseTo(expected[i]!.stabilityScore, 3);
      expect(point_coords).toEqual(expected[i]!.pointCoords);
    }
    const last = events.filter(({ event }) => event === "masks").at(-1);
    expect(last?.data).toEqual({ masks });
  });

  it("picks masks anew for other thresholds, from the same candidates", async () => {
    const usual = await masksOf(job.id);
    expect(await masksOf(job.id, "?predIouThresh=0.88&stabilityScoreThresh=0.95")).toEqual(usual);
    const more = await masksOf(job.id, "?predIouThresh=0.6&stabilityScoreThresh=0.6");
    const fewer = await masksOf(job.id, "?predIouThresh=0.97");
    expect(more.length).toBeGreaterThan(usual.length);
    expect(fewer.length).toBeLessThan(usual.length);
    for (const { predicted_iou } of fewer) expect(predicted_iou).toBeGreaterThan(0.97);
    expectError(await get(`${paths.jobMasks(job.id)}?predIouThresh=2`), "option-invalid");
    expectError(await get(`${paths.jobMasks(job.id)}?predIouThresh=NaN`), "option-invalid");
  });

  it("tells who comes late, or again, how it stands", async () => {
    const late: JobEvent[] = [];
    for await (const event of watch(job.id, { "last-event-id": "3" })) late.push(event);
    expect(late.at(-1)).toEqual(events.at(-1));
    expect(late.every(({ event }) => event === "state" || event === "masks" || event === "done")).toBe(true);
  });

  it("lets the candidates of old jobs go, and keeps their masks", async () => {
    const masks = await masksOf(job.id);
    for (let i = 0; i < 5; i++) await collect((await client.segment(id, { pointsPerSide: 1 })).id);
    expectError(await get(`${paths.jobMasks(job.id)}?predIouThresh=0.9`), "gone");
    expect(await masksOf(job.id)).toEqual(masks);
  });
});

describe("a job", () => {
  it("can be cancelled while it runs, and others go on", async () => {
    const long = await client.segment(id, { pointsPerSide: 64 });
    await untilProgress(long.id);
    const cancelled = await client.cancel(long.id);
    expect(cancelled.state).toBe("cancelled");
    expect(cancelled.finishedAt).toBeDefined();
    expect((await collect(long.id)).map(({ event }) => event)).toContain("cancelled");
    expectError(await get(paths.jobMasks(long.id)), "not-found", "gone");
    expect((await client.cancel(long.id)).state).toBe("cancelled");
    const next = await client.segment(id, { pointsPerSide: 4 });
    expect((await collect(next.id)).at(-1)?.event).toBe("done");
  });

  it("that waits knows its place, and never runs when it was cancelled there", async () => {
    const first = await client.segment(id, { pointsPerSide: 64 });
    await untilProgress(first.id);
    const second = await client.segment(id, { pointsPerSide: 64 });
    const third = await client.segment(id, { pointsPerSide: 2 });
    expect([second.state, third.state]).toEqual(["queued", "queued"]);
    expect(third.position! - second.position!).toBe(1);
    expect((await client.cancel(second.id)).state).toBe("cancelled");
    expect((await client.cancel(second.id)).progress).toBeUndefined();
    await client.cancel(first.id);
    expect((await collect(third.id)).at(-1)?.event).toBe("done");
  });

  it("leaves room for clicks while it runs", async () => {
    const long = await client.segment(id, { pointsPerSide: 64 });
    await untilProgress(long.id);
    for (let i = 0; i < 5; i++) {
      const { masks } = await client.predict(id, { pointCoords: [[610, 430 + i]], pointLabels: [1] });
      expect(masks).toHaveLength(3);
    }
    expect((await client.job(long.id)).state).toBe("running");
    await client.cancel(long.id);
  });

  it("goes on after the server was stopped politely in the middle of it", async () => {
    const directory = workplace.folder("stopped");
    const first = await workplace.start(directory);
    const before = createClient(first.address);
    const { id: image } = await before.upload(await paintImage(3, { width: 320, height: 240 }));
    const job = await before.segment(image, { pointsPerSide: 10 });
    for await (const { event } of readEvents(`${first.address}/${paths.jobEvents(job.id)}`))
      if (event === "progress") break;
    expect([0, 130]).toContain((await first.end()).status);
    const second = await workplace.start(directory);
    const url = `${second.address}/${paths.jobEvents(job.id)}`;
    const kinds: string[] = [];
    for await (const { event } of readEvents(url)) kinds.push(event);
    expect(kinds.at(-1)).toBe("done");
    await second.end();
  });

  it("refuses settings that mean nothing", async () => {
    for (const settings of [
      { pointsPerSide: 0 },
      { pointsPerSide: 1e6 },
      { behaviour: "best" },
      { predIouThresh: -1 },
      { unknown: 1 },
      { floor: { predIouThresh: 3 } },
    ]) {
      const path = `/${paths.segment(id)}`;
      expectError(await send(server.address, { method: "POST", path, ...json(settings) }), "option-invalid");
    }
    const nulls = { behaviour: null, pointsPerSide: 2, floor: null, predIouThresh: null };
    expect((await collect((await client.segment(id, nulls)).id)).at(-1)?.event).toBe("done");
    expectError(await get(paths.job("0".repeat(32))), "not-found");
  });
});
