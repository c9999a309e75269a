import {
  appendFile,
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BlobStore } from "../blobs/blob-store.js";
import { openStore } from "../testing/open-store.js";
import { IMAGE_ID } from "../testing/records.js";
import { type EmbeddingStore, openEmbeddingStore } from "./embedding-store.js";

const FOLDER = "embeddings/0123456789abcdef-fp32";

let root = "";
let blobs: BlobStore;
let damaged: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-embeddings-"));
  blobs = await openStore(root);
  damaged = [];
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

const open = () => openEmbeddingStore(blobs, FOLDER, (key) => damaged.push(key));
const pathOf = (ending: string) => join(root, FOLDER, `${IMAGE_ID}.${ending}`);

/** Large enough that samples don't cover it. */
const VALUES = Buffer.from(new Float32Array(65_536).fill(0.5).buffer);

async function put(store: EmbeddingStore): Promise<void> {
  const path = blobs.temporaryPath();
  const files = { float32Path: `${path}.safetensors`, float16Path: `${path}.f16` };
  await writeFile(files.float32Path, VALUES);
  await writeFile(files.float16Path, VALUES.subarray(VALUES.length / 2));
  await store.put(IMAGE_ID, files);
}

/** Changes one byte without a trace in size and time of modification. */
async function changeByte(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[9999]! ^= 0xff;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

const DAMAGES: readonly (readonly [what: string, damage: () => Promise<unknown>])[] = [
  ["truncated values", () => truncate(pathOf("safetensors"), 100)],
  ["truncated half-precision values", () => truncate(pathOf("f16"), 100)],
  ["an empty file", () => truncate(pathOf("safetensors"), 0)],
  ["appended bytes", () => appendFile(pathOf("f16"), "x")],
  ["other values of the same size", () => writeFile(pathOf("safetensors"), Buffer.alloc(VALUES.length))],
  ["one changed byte, with the old time", () => changeByte(pathOf("safetensors"))],
  ["one changed byte in half precision, with the old time", () => changeByte(pathOf("f16"))],
  ["a missing file", () => rm(pathOf("f16"))],
];

const RECORD_DAMAGES: typeof DAMAGES = [
  ["a missing record", () => rm(pathOf("json"))],
  ["a truncated record", () => truncate(pathOf("json"), 50)],
  ["an empty record", () => writeFile(pathOf("json"), "{}")],
  ["a record of something else", () => writeFile(pathOf("json"), "[null]")],
];

test.each(DAMAGES)("an embedding with %s is not used, while the server runs", async (_name, damage) => {
  const store = await open();
  await put(store);
  const files = (await store.use(IMAGE_ID))!;
  expect(await store.isCurrent(IMAGE_ID, files)).toBe(true);
  await damage();
  expect(await store.isCurrent(IMAGE_ID, files)).toBe(false);
  expect(await store.use(IMAGE_ID)).toBeUndefined();
  expect(store.entries.size).toBe(0);
  expect(damaged).toEqual([`${FOLDER}/${IMAGE_ID}.safetensors`]);
});

test.each([...DAMAGES, ...RECORD_DAMAGES])(
  "an embedding with %s is not used after a restart, and is replaced",
  async (_name, damage) => {
    await put(await open());
    await damage();
    const store = await open();
    expect(await store.use(IMAGE_ID)).toBeUndefined();
    expect(await readdir(join(root, FOLDER))).toEqual([]);
    await put(store);
    expect(await readFile((await store.use(IMAGE_ID))!.float32Path)).toEqual(VALUES);
  },
);

test("damage is found by every request that uses the embedding at that time", async () => {
  const store = await open();
  await put(store);
  await truncate(pathOf("safetensors"), 100);
  const used = await Promise.all(Array.from({ length: 8 }, () => store.use(IMAGE_ID)));
  expect(used).toEqual(Array(8).fill(undefined));
  await put(store);
  expect(await store.use(IMAGE_ID)).toBeDefined();
});

test("an embedding that was copied or touched is used, and its record is renewed", async () => {
  await put(await open());
  for (const ending of ["safetensors", "f16"]) {
    await copyFile(pathOf(ending), pathOf("copy"));
    await rm(pathOf(ending));
    await copyFile(pathOf("copy"), pathOf(ending));
    await utimes(pathOf(ending), 1, 1);
  }
  const before = await readFile(pathOf("json"), "utf8");
  const store = await open();
  const files = (await store.use(IMAGE_ID))!;
  expect(await store.isCurrent(IMAGE_ID, files)).toBe(true);
  expect(await readFile(pathOf("json"), "utf8")).not.toBe(before);
  expect(damaged).toEqual([]);
});

test("files of an embedding that was replaced are not current", async () => {
  const store = await open();
  await put(store);
  const files = (await store.use(IMAGE_ID))!;
  await store.delete(IMAGE_ID);
  expect(await store.isCurrent(IMAGE_ID, files)).toBe(false);
  await put(store);
  expect(await store.isCurrent(IMAGE_ID, files)).toBe(false);
});

test("in a shared store, what another process stores is found, and what is incomplete stays", async () => {
  blobs = { ...blobs, isShared: true };
  const [here, there] = [await open(), await open()];
  expect(await there.use(IMAGE_ID)).toBeUndefined();
  await put(here);
  expect(await readFile((await there.use(IMAGE_ID))!.float32Path)).toEqual(VALUES);
  await rm(pathOf("json"));
  await open();
  expect(await readdir(join(root, FOLDER))).toHaveLength(2);
  expect(damaged).toEqual([]);
});

test("in a shared store, the first of two processes keeps what it stored", async () => {
  blobs = { ...blobs, isShared: true };
  const [here, there] = [await open(), await open()];
  await put(here);
  const before = await stat(pathOf("safetensors"));
  await put(there);
  expect((await stat(pathOf("safetensors"))).ino).toBe(before.ino);
  expect(await there.use(IMAGE_ID)).toBeDefined();
});
