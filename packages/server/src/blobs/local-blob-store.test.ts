import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../testing/open-store.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-blobs-"));
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

test("what was put can be read, listed, measured and deleted", async () => {
  const blobs = await openStore(root);
  await blobs.put("images/ab/file", "hello");
  await blobs.put("images/cd/file", Uint8Array.of(1, 2));
  expect((await blobs.get("images/ab/file"))?.toString()).toBe("hello");
  expect((await blobs.list("images")).sort()).toEqual(["images/ab/file", "images/cd/file"]);
  expect((await blobs.stat("images/cd/file"))?.bytes).toBe(2);
  await blobs.delete("images/ab/file");
  expect(await blobs.get("images/ab/file")).toBeUndefined();
  expect(await blobs.list("nothing")).toEqual([]);
});

test("a file that was written beside is moved, and its place is the key's", async () => {
  const blobs = await openStore(root);
  const path = blobs.temporaryPath();
  await writeFile(path, "content");
  await blobs.putFile("a/b", path);
  expect(await readFile(await blobs.localPath("a/b"), "utf8")).toBe("content");
  expect(await readdir(join(root, "tmp"))).toEqual([]);
});

test("what a crash left half-written is cleared away when the folder is opened", async () => {
  const before = await openStore(root);
  await writeFile(before.temporaryPath(), "half");
  const after = await openStore(root);
  expect(await readdir(join(root, "tmp"))).toEqual([]);
  expect(await after.list("images")).toEqual([]);
});

test.each(["../x", "a/../b", "/etc/passwd", "a//b", "", "A", "a\\b", "a/.hidden"])(
  "no key leads out of the folder: %j",
  async (key) => {
    const blobs = await openStore(root);
    await expect(blobs.put(key, "x")).rejects.toMatchObject({ code: "not-found" });
  },
);

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
