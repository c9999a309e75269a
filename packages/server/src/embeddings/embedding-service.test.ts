import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ServerError, WorkerLostError } from "../errors.js";
import { openLocalImageStore } from "../images/local-image-store.js";
import type { EncodeTask } from "../inference/messages.js";
import { type PoolCallOptions, PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import { DEFAULT_LIMITS } from "../options.js";
import { imageKeys } from "../records/stored-image.js";
import { createFaultyStore, diskFull, type FaultyStore } from "../testing/faulty-store.js";
import { openStore } from "../testing/open-store.js";
import { IMAGE_ID, storedImage } from "../testing/records.js";
import type { EmbeddingFiles } from "./embedding-records.js";
import { type EmbeddingService, type EmbeddingWish, openEmbeddingService } from "./embedding-service.js";

let root = "";
let blobs: FaultyStore;
let failures: Error[];
let calls: PoolCallOptions<never>[];
let hold: Promise<void>;
let embeddings: EmbeddingService;
let damaged: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-embeddings-"));
  blobs = createFaultyStore(await openStore(root));
  await blobs.put(imageKeys.info(IMAGE_ID), JSON.stringify(storedImage()));
  const images = await openLocalImageStore(blobs, () => undefined);
  failures = [];
  damaged = [];
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
  embeddings = await openEmbeddingService(blobs, images, pool, DEFAULT_LIMITS, {
    onDamaged: (key) => damaged.push(key),
  });
});
/** Waits for the embedding and returns its files. */
const get = (wish: EmbeddingWish = {}) => embeddings.use(IMAGE_ID, wish, async (files) => files);
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

test("what a job waits for is as urgent as the job, until a person waits for it too", async () => {
  let begin: () => void = () => undefined;
  hold = new Promise((resolve) => {
    begin = resolve;
  });
  const forJob = get({ client: "a", isForJob: true });
  await expect.poll(() => calls.length).toBe(1);
  expect([calls[0]!.client, calls[0]!.priority()]).toEqual(["a", PRIORITY.job]);
  const forPerson = get({ client: "b" });
  await expect.poll(() => calls[0]!.priority()).toBe(PRIORITY.encode);
  const forOther = get({ client: "a", isForJob: true });
  begin();
  await Promise.all([forJob, forPerson, forOther]);
  expect(calls).toHaveLength(1);
});

test("an encoding whose process was killed is done again, once", async () => {
  failures = [new WorkerLostError("signal SIGKILL")];
  await get();
  expect(embeddings.status(IMAGE_ID)).toEqual({ state: "ready" });
});

test.each<[string, Error[], string]>([
  ["killed twice", ["a", "b"].map((how) => new WorkerLostError(how)), "overloaded"],
  ["refused", [new ServerError("image-unreadable", "no")], "image-unreadable"],
])("one that is %s fails, and is done when it is asked for again", async (_name, list, code) => {
  failures = list;
  await expect(get()).rejects.toMatchObject({ code });
  expect(embeddings.status(IMAGE_ID).state).toBe("failed");
  await get();
  expect(embeddings.status(IMAGE_ID)).toEqual({ state: "ready" });
});

test("one that the disk has no room for fails with this reason, and is done when there is some", async () => {
  blobs.faultOf = () => diskFull();
  await expect(get()).rejects.toThrow();
  expect(embeddings.status(IMAGE_ID)).toMatchObject({
    state: "failed",
    message: expect.stringContaining("disk is full"),
  });
  blobs.faultOf = () => undefined;
  await get();
  expect(embeddings.status(IMAGE_ID)).toEqual({ state: "ready" });
});

test("work whose files are evicted or damaged before it reads them runs again on new files", async () => {
  const read = vi.fn(async ({ float32Path }: EmbeddingFiles) => readFile(float32Path, "utf8"));
  for (const harm of [
    () => embeddings.forget(IMAGE_ID),
    async () => truncate((await get()).float16Path, 1),
    async () => writeFile((await get()).float32Path, "VALUES"),
  ]) {
    read.mockClear();
    read.mockImplementationOnce(async () => {
      await harm();
      throw new Error("the file can't be read");
    });
    expect(await embeddings.use(IMAGE_ID, {}, read)).toBe("values");
    expect(read).toHaveBeenCalledTimes(2);
  }
});

test("work that fails for another reason fails at once", async () => {
  const work = vi.fn(async () => {
    throw new ServerError("prompt-invalid", "no");
  });
  await expect(embeddings.use(IMAGE_ID, {}, work)).rejects.toMatchObject({ code: "prompt-invalid" });
  expect(work).toHaveBeenCalledTimes(1);
});

test("work whose files are evicted each time is refused in the end", async () => {
  const work = vi.fn(async () => {
    await embeddings.forget(IMAGE_ID);
    throw new Error("no such file");
  });
  await expect(embeddings.use(IMAGE_ID, {}, work)).rejects.toMatchObject({ code: "overloaded" });
  expect(work).toHaveBeenCalledTimes(3);
});

test("a damaged embedding is reported and encoded again", async () => {
  const { float32Path } = await get();
  await writeFile(float32Path, "valuez");
  expect(await readFile((await get()).float32Path, "utf8")).toBe("values");
  expect(calls).toHaveLength(2);
  expect(damaged).toEqual([expect.stringContaining(`${IMAGE_ID}.safetensors`)]);
});
