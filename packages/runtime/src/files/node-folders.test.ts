import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkWritableFolder, makeFolder, makeFolderInside, writeFileInside } from "./node-folders.js";

const home = mkdtempSync(join(tmpdir(), "segany-folders-"));
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));

it("makes a folder with those above it, and takes one that is there", async () => {
  const path = join(home, "a/b/c");
  await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(home, "a/d"))]);
  await makeFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

it("refuses a place behind or in place of a file", async () => {
  writeFileSync(join(home, "file"), "");
  for (const place of ["file", "file/below"]) {
    await expect(makeFolder(join(home, place))).rejects.toMatchObject({ code: "file-unwritable" });
    await expect(makeFolderInside(home, join(home, place))).rejects.toMatchObject({
      code: "file-unwritable",
    });
  }
});

it.skipIf(!existsSync("/proc/self"))("comes to an end where the system makes no folders", async () => {
  await expect(makeFolder("/proc/nowhere/below")).rejects.toMatchObject({ code: "file-unwritable" });
});

describe("writing inside an output folder", () => {
  const open = () => {
    const place = mkdtempSync(join(home, "out-"));
    mkdirSync(join(place, "outside"));
    mkdirSync(join(place, "out"));
    return { root: join(place, "out"), outside: join(place, "outside") };
  };

  it("makes the output folder and those below it", async () => {
    const root = join(open().root, "new", "root");
    await writeFileInside(root, "a/b/c.txt", "text");
    await writeFileInside(root, "d.txt", "text");
    expect(readFileSync(join(root, "a/b/c.txt"), "utf8")).toBe("text");
    expect(readFileSync(join(root, "d.txt"), "utf8")).toBe("text");
  });

  it("takes an output folder that is a link, since the user has named it", async () => {
    const { root, outside } = open();
    symlinkSync(outside, join(root, "link"));
    await writeFileInside(join(root, "link"), "a/b.txt", "text");
    expect(readFileSync(join(outside, "a/b.txt"), "utf8")).toBe("text");
  });

  it.each(["sub", "sub/deeper", "sub/deeper/still"])("writes nothing through a link at %s", async (place) => {
    const { root, outside } = open();
    mkdirSync(join(root, place, ".."), { recursive: true });
    symlinkSync(outside, join(root, place));
    await expect(writeFileInside(root, `${place}/x/y.txt`, "text")).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("is a link"),
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  it("replaces a link at the file's place", async () => {
    const { root, outside } = open();
    writeFileSync(join(outside, "precious"), "mine");
    symlinkSync(join(outside, "precious"), join(root, "a.json"));
    await writeFileInside(root, "a.json", "text");
    expect(lstatSync(join(root, "a.json")).isFile()).toBe(true);
    expect(readFileSync(join(outside, "precious"), "utf8")).toBe("mine");
  });

  it.each(["../outside/x.txt", "../out-1/x.txt", "a/../../outside/x.txt"])("refuses %s", async (name) => {
    const { root, outside } = open();
    await expect(writeFileInside(root, name, "text")).rejects.toMatchObject({ code: "file-unwritable" });
    expect(readdirSync(outside)).toEqual([]);
  });
});

it("knows before anything is made whether a folder can be written", async () => {
  const before = readdirSync(home);
  await checkWritableFolder(home);
  await checkWritableFolder(join(home, "new/below/it"));
  writeFileSync(join(home, "in-the-way"), "");
  for (const place of ["in-the-way", "in-the-way/below"])
    await expect(checkWritableFolder(join(home, place))).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("there is a file of that name"),
    });
  rmSync(join(home, "in-the-way"));
  expect(readdirSync(home)).toEqual(before);
});
