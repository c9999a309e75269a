import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFaultyStore, diskFull } from "../testing/faulty-store.js";
import { openStore } from "../testing/open-store.js";
import { openServerEmbeddingCache, type ServerEmbeddingCache } from "./embedding-cache.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-embeddings-"));
});
afterEach(() => void vi.useRealTimers());
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

async function open(maxBytes: number): Promise<ServerEmbeddingCache> {
  return openServerEmbeddingCache(await openStore(root), "embeddings/model", maxBytes);
}

/** Image ids. */
const [a, b, c, d] = ["a", "b", "c", "d"].map((letter) => letter.repeat(64)) as [
  string,
  string,
  string,
  string,
];

/** 300 bytes in its two files, and a record. */
async function add(cache: ServerEmbeddingCache, id: string): Promise<void> {
  const files = cache.temporary();
  await writeFile(files.float32Path, Buffer.alloc(200));
  await writeFile(files.float16Path, Buffer.alloc(100));
  await cache.add(id, files);
}

test("the least recently used goes when the size is passed, never the newest", async () => {
  const cache = await open(700);
  await add(cache, a);
  await add(cache, b);
  vi.setSystemTime(Date.now() + 60_000);
  await cache.use(a);
  await add(cache, c);
  expect([cache.has(a), cache.has(b), cache.has(c)]).toEqual([true, false, true]);
  expect(cache.bytes()).toBe(600);
  expect([cache.hasRoomFor(0), cache.hasRoomFor(1)]).toEqual([true, false]);
  const tiny = await open(10);
  await add(tiny, d);
  expect(tiny.has(d)).toBe(true);
});

test("embeddings are there again after a restart; one that lacks a file is not", async () => {
  const cache = await open(10_000);
  await add(cache, a);
  await add(cache, b);
  await rm((await cache.use(b))!.float16Path);
  const again = await open(10_000);
  expect([again.has(a), again.has(b)]).toEqual([true, false]);
  expect(await again.use(b)).toBeUndefined();
});

test("an embedding of which one file can't be kept is not there, and is when there is room", async () => {
  const blobs = createFaultyStore(await openStore(root));
  const cache = await openServerEmbeddingCache(blobs, "embeddings/model", 10_000);
  for (const ending of ["f16", "safetensors"]) {
    blobs.faultOf = (operation, key) =>
      operation === "put" && key.endsWith(ending) ? diskFull() : undefined;
    await expect(add(cache, a)).rejects.toThrow("ENOSPC");
    expect([cache.has(a), await blobs.list("embeddings")]).toEqual([false, []]);
  }
  blobs.faultOf = () => undefined;
  await add(cache, a);
  expect(cache.has(a)).toBe(true);
});
