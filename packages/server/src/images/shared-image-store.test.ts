import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys, type StoredImage } from "../records/stored-image.js";
import { openStore } from "../testing/open-store.js";
import { openImageStore } from "./open-image-store.js";

let root = "";
let blobs: BlobStore;
let damaged: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-shared-"));
  blobs = { ...(await openStore(root)), isShared: true };
  damaged = [];
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

const open = () => openImageStore(blobs, (key) => damaged.push(key));
const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(64));

async function put(store: Awaited<ReturnType<typeof open>>, id: string, name = "x.png") {
  const paths = [blobs.temporaryPath(), blobs.temporaryPath()];
  for (const path of paths) await writeFile(path, name);
  const createdAt = `2026-01-01T00:00:0${"abc".indexOf(id[0])}.000Z`;
  const image = {
    id,
    width: 4,
    height: 3,
    name,
    orientation: 1,
    mediaType: "image/png",
    bytes: 5,
    createdAt,
  };
  return store.add(image as StoredImage, paths[0], paths[1]);
}

it("finds what other processes add and delete", async () => {
  const [here, there] = [await open(), await open()];
  expect(await there.find(A)).toBeUndefined();
  for (const id of [A, C, B]) await put(here, id);
  expect((await there.get(A)).name).toBe("x.png");
  expect((await there.list()).map(({ id }) => id)).toEqual([C, B, A]);
  expect(await there.count()).toBe(3);
  await here.delete(B);
  expect((await there.list()).map(({ id }) => id)).toEqual([C, A]);
  await expect(here.get(B)).rejects.toMatchObject({ code: "not-found" });
  expect(await blobs.list(`images/${B}`)).toEqual([]);
});

it("keeps the first record of an image that two processes add", async () => {
  const [here, there] = [await open(), await open()];
  expect(await Promise.all([here.find(A), there.find(A)])).toEqual([undefined, undefined]);
  const both = await Promise.all([put(here, A, "here.png"), put(there, A, "there.png")]);
  expect(new Set(both.map(({ name }) => name)).size).toBe(1);
  expect((await (await open()).get(A)).name).toBe(both[0].name);
});

it("tells of a damaged record, and replaces it when the image is uploaded again", async () => {
  const store = await open();
  await put(store, A);
  await blobs.put(imageKeys.info(A), "{");
  const other = await open();
  expect(await other.list()).toEqual([]);
  expect(damaged).toEqual([imageKeys.info(A)]);
  await put(other, A, "again.png");
  expect((await (await open()).get(A)).name).toBe("again.png");
});
