import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { blobStoreContract } from "../testing/blob-store-contract.js";
import { openStore } from "../testing/open-store.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-blobs-"));
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

blobStoreContract(() => openStore(root));

test("a file that was moved leaves no temporary one", async () => {
  const blobs = await openStore(root);
  const path = blobs.temporaryPath();
  await writeFile(path, "content");
  await blobs.putFile("a/b", path);
  await blobs.put("a/c", "content");
  await blobs.putNew("a/c", "content");
  expect(await readdir(join(root, "tmp"))).toEqual([]);
});

test("what a crash left half-written is cleared away when the folder is opened", async () => {
  const before = await openStore(root);
  await writeFile(before.temporaryPath(), "half");
  const after = await openStore(root);
  expect(await readdir(join(root, "tmp"))).toEqual([]);
  expect(await after.list("images")).toEqual([]);
});

test("a write that fails leaves no temporary file, and what was there as it was", async () => {
  const blobs = await openStore(root);
  await blobs.put("a/b", "old");
  await mkdir(join(root, "a", "folder"));
  const moved = blobs.temporaryPath();
  for (const key of ["a/b/c", "a/folder"]) {
    await expect(blobs.put(key, "new")).rejects.toThrow();
    await writeFile(moved, "new");
    await expect(blobs.putFile(key, moved)).rejects.toThrow();
    expect(await readdir(join(root, "tmp"))).toEqual([]);
  }
  expect((await blobs.get("a/b"))?.toString()).toBe("old");
});
