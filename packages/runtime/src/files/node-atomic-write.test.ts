import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomic } from "./node-atomic-write.js";

describe("writeFileAtomic", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-write-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("writes bytes and text, over what was there, and leaves nothing else", async () => {
    const path = join(folder, "a.bin");
    await writeFileAtomic(path, "some older and longer text");
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    expect([...(await readFile(path))]).toEqual([1, 2, 3]);
    expect(await readdir(folder)).toEqual(["a.bin"]);
  });

  it("takes names as long as the file system does", async () => {
    const path = join(folder, "n".repeat(255));
    await writeFileAtomic(path, "x");
    expect(await readFile(path, "utf8")).toBe("x");
  });

  it("writes through a link", async () => {
    await writeFile(join(folder, "target"), "old");
    await symlink("target", join(folder, "link"));
    await writeFileAtomic(join(folder, "link"), "new");
    expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, "target"), "utf8")).toBe("new");
  });

  it("says when the folder is missing or a folder is in the way, and leaves nothing behind", async () => {
    await expect(writeFileAtomic(join(folder, "no/a"), "x")).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("folder does not exist"),
    });
    await mkdir(join(folder, "taken"));
    await expect(writeFileAtomic(join(folder, "taken"), "x")).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("folder of that name"),
    });
    expect(await readdir(folder)).toEqual(["taken"]);
  });

  it("leaves the old content when it is stopped", async () => {
    const path = join(folder, "a");
    await writeFileAtomic(path, "old");
    const controller = new AbortController();
    const writing = writeFileAtomic(path, new Uint8Array(2 ** 24), { signal: controller.signal });
    controller.abort();
    await expect(writing).rejects.toMatchObject({ code: "aborted" });
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it.skipIf(!existsSync("/dev/full"))("says that the disk is full, and never replaces a device", async () => {
    await expect(writeFileAtomic("/dev/full", "x")).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("disk is full"),
    });
    expect((await lstat("/dev/full")).isCharacterDevice()).toBe(true);
  });
});
