import { readFile, stat, writeFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { BlobStore } from "../blobs/blob-store.js";

/** What every store of blobs keeps. @param open an empty store */
export function blobStoreContract(open: () => Promise<BlobStore>): void {
  const read = async (blobs: BlobStore, key: string, start: number, end: number) =>
    (await buffer((await blobs.read(key, { start, end }))!)).toString();

  test("what was put can be read, listed, measured and deleted", async () => {
    const blobs = await open();
    await blobs.put("images/ab/file", "hello");
    await blobs.put("images/cd/file", Uint8Array.of(1, 2));
    await blobs.put("imagesque", "not in the folder");
    expect((await blobs.get("images/ab/file"))?.toString()).toBe("hello");
    expect((await blobs.list("images")).sort()).toEqual(["images/ab/file", "images/cd/file"]);
    const found = await blobs.stat("images/cd/file");
    expect(found?.bytes).toBe(2);
    expect(Math.abs(found!.usedMs - Date.now())).toBeLessThan(3_600_000);
    await blobs.touch("images/ab/file");
    await blobs.delete("images/ab/file");
    await blobs.delete("images/ab/file");
    expect(await blobs.list("images")).toEqual(["images/cd/file"]);
  });

  test("there is nothing under a key that was never used", async () => {
    const blobs = await open();
    expect(await blobs.get("a/b")).toBeUndefined();
    expect(await blobs.stat("a/b")).toBeUndefined();
    expect(await blobs.read("a/b")).toBeUndefined();
    expect(await blobs.list("nothing")).toEqual([]);
    await expect(readFile(await blobs.localPath("a/b"))).rejects.toMatchObject({ code: "ENOENT" });
    await blobs.touch("a/b");
    expect(await blobs.stat("a/b")).toBeUndefined();
  });

  test("parts of a file are read, up to its end", async () => {
    const blobs = await open();
    await blobs.put("a/b", "0123456789");
    expect((await buffer((await blobs.read("a/b"))!)).toString()).toBe("0123456789");
    expect(await read(blobs, "a/b", 0, 2)).toBe("01");
    expect(await read(blobs, "a/b", 3, 7)).toBe("3456");
    expect(await read(blobs, "a/b", 8, 100)).toBe("89");
    expect(await read(blobs, "a/b", 10, 11)).toBe("");
    expect(await read(blobs, "a/b", 20, 30)).toBe("");
  });

  test("a new file replaces none, and the first of several writers wins", async () => {
    const blobs = await open();
    expect(await blobs.putNew("a/b", "first")).toBe(true);
    expect(await blobs.putNew("a/b", "second")).toBe(false);
    expect((await blobs.get("a/b"))?.toString()).toBe("first");
    await blobs.put("a/b", "third");
    expect((await blobs.get("a/b"))?.toString()).toBe("third");
    await blobs.delete("a/b");
    expect(await blobs.putNew("a/b", "fourth")).toBe(true);
  });

  test("a file that was written beside is moved, and a local path leads to its present content", async () => {
    const blobs = await open();
    for (const content of ["first", "second and longer"]) {
      const path = blobs.temporaryPath();
      await writeFile(path, content);
      await blobs.putFile("a/b", path);
      expect((await blobs.get("a/b"))?.toString()).toBe(content);
      expect(await readFile(await blobs.localPath("a/b"), "utf8")).toBe(content);
      await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
    }
    await blobs.put("a/b", "third");
    expect(await readFile(await blobs.localPath("a/b"), "utf8")).toBe("third");
    await blobs.delete("a/b");
    await expect(readFile(await blobs.localPath("a/b"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("large files come back as they were", async () => {
    const blobs = await open();
    const bytes = Buffer.alloc(20 * 2 ** 20 + 7);
    for (let i = 0; i < bytes.length; i += 4096) bytes.writeUInt32LE(i, i);
    const path = blobs.temporaryPath();
    await writeFile(path, bytes);
    await blobs.putFile("large/file", path);
    expect((await blobs.stat("large/file"))?.bytes).toBe(bytes.length);
    expect((await readFile(await blobs.localPath("large/file"))).equals(bytes)).toBe(true);
    const [start, end] = [9 * 2 ** 20, 9 * 2 ** 20 + 5000];
    const part = await buffer((await blobs.read("large/file", { start, end }))!);
    expect(part.equals(bytes.subarray(start, end))).toBe(true);
  });

  test("an empty file is one", async () => {
    const blobs = await open();
    const path = blobs.temporaryPath();
    await writeFile(path, "");
    await blobs.putFile("a/b", path);
    expect(await blobs.stat("a/b")).toMatchObject({ bytes: 0 });
    expect(await blobs.get("a/b")).toEqual(Buffer.alloc(0));
    expect(await readFile(await blobs.localPath("a/b"), "utf8")).toBe("");
  });

  test.each(["../x", "a/../b", "/etc/passwd", "a//b", "", "A", "a\\b", "a/.hidden"])(
    "no key leads out of the store: %j",
    async (key) => {
      const blobs = await open();
      const refused = { code: "not-found" };
      await expect(blobs.put(key, "x")).rejects.toMatchObject(refused);
      await expect(blobs.putNew(key, "x")).rejects.toMatchObject(refused);
      await expect(Promise.resolve().then(() => blobs.read(key))).rejects.toMatchObject(refused);
      await expect(Promise.resolve().then(() => blobs.localPath(key))).rejects.toMatchObject(refused);
    },
  );
}
