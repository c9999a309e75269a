import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findForeignFile, writeNotedFiles } from "./node-noted-files.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-own-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const at = (name: string) => join(folder, name);

describe("files of ours in a folder", () => {
  it("may be replaced as often as one likes, and files of others stay as they are", async () => {
    await writeFile(at("mine.txt"), "mine");
    for (const text of ["one", "two"]) {
      expect(await findForeignFile(folder, ["a.txt", "sub/b.txt"])).toBeUndefined();
      await writeNotedFiles(folder, { "a.txt": text, "sub/b.txt": Buffer.from(text) });
    }
    expect(await readFile(at("sub/b.txt"), "utf8")).toBe("two");
    expect(await findForeignFile(folder, ["a.txt", "mine.txt"])).toBe(at("mine.txt"));
    expect(await readFile(at("mine.txt"), "utf8")).toBe("mine");
  });

  it.each<[string, () => Promise<unknown>]>([
    ["was there before", async () => rm(at(".segany-files.json"))],
    ["was changed since", () => writeFile(at("a.txt"), "notes of mine")],
    ["is a link", () => rm(at("a.txt")).then(() => symlink("elsewhere", at("a.txt")))],
    ["is a folder", () => rm(at("a.txt")).then(() => mkdir(at("a.txt")))],
    ["has a note that is damaged", () => writeFile(at(".segany-files.json"), '{"a.txt": "x')],
    ["has a note of another form", () => writeFile(at(".segany-files.json"), '{"a.txt": 7}')],
  ])("are not what %s", async (_, change) => {
    await writeNotedFiles(folder, { "a.txt": "one" });
    await change();
    expect(await findForeignFile(folder, ["a.txt"])).toBe(at("a.txt"));
  });

  it("are known as ours when writing them was stopped, whichever were written", async () => {
    await writeNotedFiles(folder, { "a.txt": "one", "b.txt": "one" });
    await mkdir(at("c.txt"));
    await expect(
      writeNotedFiles(folder, { "a.txt": "two", "c.txt": "two", "b.txt": "two" }),
    ).rejects.toThrow();
    expect(await Promise.all(["a.txt", "b.txt"].map((name) => readFile(at(name), "utf8")))).toEqual([
      "two",
      "one",
    ]);
    expect(await findForeignFile(folder, ["a.txt", "b.txt"])).toBeUndefined();
    expect(await findForeignFile(folder, ["c.txt"])).toBe(at("c.txt"));
    await rm(at("c.txt"), { recursive: true });
    await writeNotedFiles(folder, { "a.txt": "two", "c.txt": "two", "b.txt": "two" });
    expect((await readdir(folder)).sort()).toEqual([".segany-files.json", "a.txt", "b.txt", "c.txt"]);
  });
});
