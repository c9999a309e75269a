import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ServerError, WorkerLostError } from "../errors.js";
import { openLocalImageStore } from "../images/local-image-store.js";
import type { EncodeTask } from "../inference/messages.js";
import { type PoolCallOptions, PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import { DEFAULT_LIMITS } from "../options.js";
import { imageKeys } from "../records/stored-image.js";
import { createFaultyStore, diskFull, type FaultyStore } from "../testing/faulty-store.js";
import { openStore } from "../testing/open-store.js";
import { IMAGE_ID, storedImage } from "../testing/records.js";
import { type EmbeddingService, openEmbeddingService } from "./embedding-service.js";

let root = "";
let blobs: FaultyStore;
let failures: Error[];
let calls: PoolCallOptions<never>[];
let hold: Promise<void>;
let embeddings: EmbeddingService;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-embeddings-"));
  blobs = createFaultyStore(await openStore(root));
  await blobs.put(imageKeys.info(IMAGE_ID), JSON.stringify(storedImage()));
  const images = await openLocalImageStore(blobs, () => undefined);
  failures = [];
  hold = Promise.resolve();
  calls = [];
  const call = async (
    _method: string,
    { float32Path, float16Path }: EncodeTask,
    options: PoolCallOptions<never>,
  ) => {
    calls.push(options);
    await hold;
    const failure = failures.shift();
    if (failure) throw failure;
    for (const path of [float32Path, float16Path]) await writeFile(path, "values");
  };
  const model = { checkpointSha256: "0".repeat(64), precision: "fp32" };
  const pool = { model, call } as unknown as WorkerPool;
  embeddings = await openEmbeddingService(blobs, images, pool, DEFAULT_LIMITS);
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

test("what a job waits for is as urgent as the job, until a person waits for it too", async () => {
  let begin: () => void = () => undefined;
  hold = new Promise((resolve) => {
    begin = resolve;
  });
  const forJob = embeddings.get(IMAGE_ID, { client: "a", isForJob: true });
  await expect.poll(() => calls.length).toBe(1);
  expect([calls[0]!.client, calls[0]!.priority()]).toEqual(["a", PRIORITY.job]);
  const forPerson = embeddings.get(IMAGE_ID, { client: "b" });
  await expect.poll(() => calls[0]!.priority()).toBe(PRIORITY.encode);
  const forOther = embeddings.get(IMAGE_ID, { client: "a", isForJob: true });
  begin();
  await Promise.all([forJob, forPerson, forOther]);
  expect(calls).toHaveLength(1);
});

test("an encoding whose process was killed is done again, once", async () => {
  failures = [new WorkerLostError("signal SIGKILL")];
  await embeddings.get(IMAGE_ID);
  expect(embeddings.status(IMAGE_ID)).toEqual({ state: "ready" });
});

test.each<[string, Error[], string]>([
  ["killed twice", ["a", "b"].map((how) => new WorkerLostError(how)), "overloaded"],
  ["refused", [new ServerError("image-unreadable", "no")], "image-unreadable"],
])("one that is %s fails, and is done when it is asked for again", async (_name, list, code) => {
  failures = list;
  await expect(embeddings.get(IMAGE_ID)).rejects.toMatchObject({ code });
  expect(embeddings.status(IMAGE_ID).state).toBe("failed");
  await embeddings.get(IMAGE_ID);
  expect(embeddings.status(IMAGE_ID)).toEqual({ state: "ready" });
});

test("one that the disk has no room for fails with this reason, and is done when there is some", async () => {
  blobs.faultOf = () => diskFull();
  await expect(embeddings.get(IMAGE_ID)).rejects.toThrow();
  expect(embeddings.status(IMAGE_ID)).toMatchObject({
    state: "failed",
    message: expect.stringContaining("disk is full"),
  });
  blobs.faultOf = () => undefined;
  await embeddings.get(IMAGE_ID);
  expect(embeddings.status(IMAGE_ID)).toEqual({ state: "ready" });
});
