import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imageKeys } from "../records/stored-image.js";
import { createFaultyStore, diskFull, type FaultyStore } from "../testing/faulty-store.js";
import { openStore } from "../testing/open-store.js";
import { storedImage } from "../testing/records.js";
import type { ImageStore } from "./image-store.js";
import { openLocalImageStore } from "./local-image-store.js";

const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(64)) as [string, string, string];
let root = "";
let blobs: FaultyStore;
let images: ImageStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-images-"));
  blobs = createFaultyStore(await openStore(root));
  images = await openLocalImageStore(blobs, () => undefined);
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

async function add(id: string, second = 0): Promise<string> {
  const [file, thumbnail] = [blobs.temporaryPath(), blobs.temporaryPath()];
  await writeFile(file, "file");
  await writeFile(thumbnail, "thumbnail");
  const image = storedImage({ id, createdAt: `2026-01-01T00:00:0${second}.000Z` });
  return (await images.add(image, file, thumbnail)).createdAt;
}

const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

test("images are listed newest first, also after a restart, and each knows what follows", async () => {
  await add(B, 1);
  await add(A, 2);
  await add(C, 3);
  for (const store of [images, await openLocalImageStore(blobs, () => undefined)]) {
    expect(idsOf(await store.list())).toEqual([C, A, B]);
    expect(await store.count()).toBe(3);
    expect(idsOf(await store.after(C, 1))).toEqual([A]);
    expect(idsOf(await store.after(C, 5))).toEqual([A, B]);
    expect(await store.after(B, 2)).toEqual([]);
    expect(await store.after("d".repeat(64), 2)).toEqual([]);
  }
});

test("an image that is there keeps the record it has, also when the same file comes twice at once", async () => {
  const [first, second] = await Promise.all([add(A, 1), add(A, 2)]);
  expect(second).toBe(first);
  expect(await add(A, 3)).toBe(first);
  expect(await images.count()).toBe(1);
});

test.each([imageKeys.file, imageKeys.thumbnail, imageKeys.info])(
  "an upload that can't be written whole leaves nothing, and comes in when there is room again (%#)",
  async (keyOf) => {
    blobs.faultOf = (_operation, key) => (key === keyOf(A) ? diskFull() : undefined);
    await expect(add(A)).rejects.toThrow("ENOSPC");
    expect(await blobs.list("images")).toEqual([]);
    expect([await images.find(A), await images.count()]).toEqual([undefined, 0]);
    blobs.faultOf = () => undefined;
    await add(A);
    expect(idsOf(await images.list())).toEqual([A]);
  },
);

test("of two uploads of one file the one that fails takes nothing from the other", async () => {
  let faults = 1;
  blobs.faultOf = (operation, key) =>
    operation === "put" && key === imageKeys.info(A) && faults-- > 0 ? diskFull() : undefined;
  const both = await Promise.allSettled([add(A), add(A)]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((await blobs.get(imageKeys.file(A)))?.toString()).toBe("file");
});

test("an upload over a damaged record that fails leaves the file and the masks that are there", async () => {
  await add(A);
  await blobs.put(imageKeys.masks(A), "masks");
  await blobs.put(imageKeys.info(A), "{");
  images = await openLocalImageStore(blobs, () => undefined);
  blobs.faultOf = (_operation, key) => (key === imageKeys.info(A) ? diskFull() : undefined);
  await expect(add(A)).rejects.toThrow("ENOSPC");
  expect((await blobs.list("images")).length).toBe(4);
  blobs.faultOf = () => undefined;
  await add(A);
  expect((await blobs.get(imageKeys.masks(A)))?.toString()).toBe("masks");
});

test("an image that can't be deleted is still there", async () => {
  await add(A);
  blobs.faultOf = (operation) => (operation === "delete" ? new Error("EIO") : undefined);
  await expect(images.delete(A)).rejects.toThrow("EIO");
  expect((await images.get(A)).id).toBe(A);
  blobs.faultOf = () => undefined;
  await images.delete(A);
  await expect(images.get(A)).rejects.toMatchObject({ code: "not-found" });
  expect(await blobs.list("images")).toEqual([]);
});
