import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFolder, walkFiles } from "./node-read-folder.js";

const home = mkdtempSync(join(tmpdir(), "segany-walk-"));
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 10 }));

async function walked(folder: string, enters?: Parameters<typeof walkFiles>[1]): Promise<string[]> {
  const names: string[] = [];
  for await (const name of walkFiles(folder, enters)) names.push(name);
  return names;
}

describe("a folder with links", () => {
  const folder = join(home, "set");
  beforeAll(() => {
    mkdirSync(join(home, "elsewhere/deep"), { recursive: true });
    mkdirSync(join(folder, "a"), { recursive: true });
    for (const name of ["elsewhere/e.txt", "elsewhere/deep/d.txt", "set/b.txt", "set/a/c.txt", "set/.hidden"])
      writeFileSync(join(home, name), "");
    symlinkSync(join(home, "elsewhere"), join(folder, "linked"));
    symlinkSync(join(home, "elsewhere/e.txt"), join(folder, "file-link.txt"));
    symlinkSync(join(home, "nothing"), join(folder, "dangling"));
    symlinkSync(folder, join(folder, "a/up"));
    symlinkSync(join(folder, "a"), join(home, "elsewhere/deep/back"));
    symlinkSync(join(folder, "circle"), join(folder, "circle"));
  });

  it("has what they lead to, each way once, and no circles", async () => {
    expect(await walked(folder)).toEqual([
      ...["b.txt", "file-link.txt", "a/c.txt", "linked/e.txt"],
      ...["linked/deep/d.txt", "linked/deep/back/c.txt"],
    ]);
  });

  it("is read by itself in order", async () => {
    expect(await readFolder(folder)).toMatchObject({
      files: ["b.txt", "file-link.txt"],
      folders: ["a", "linked"],
    });
  });

  it("may itself be one", async () => {
    const link = join(home, "set-link");
    symlinkSync(folder, link);
    expect(await walked(link)).toEqual(await walked(folder));
  });

  it("leaves out the folders that are not entered", async () => {
    expect(await walked(folder, (files) => !files.includes("e.txt"))).toEqual([
      "b.txt",
      "file-link.txt",
      "a/c.txt",
    ]);
  });
});

it("ends where links lead to links, however many ways there are", async () => {
  const folder = join(home, "bomb");
  for (let depth = 0; depth < 30; depth++) {
    mkdirSync(join(folder, `${depth}`), { recursive: true });
    writeFileSync(join(folder, `${depth}`, "file.txt"), "");
    for (const name of ["a", "b"]) symlinkSync(join(folder, `${depth + 1}`), join(folder, `${depth}`, name));
  }
  const names = await walked(join(folder, "0"));
  expect(new Set(names.map((name) => name.split("/").length)).size).toBe(30);
  expect(names.length).toBeLessThan(30 * 17);
});

it.skipIf(process.platform === "win32")("a pipe is no file", async () => {
  const folder = join(home, "pipes");
  mkdirSync(folder);
  execFileSync("mkfifo", [join(folder, "pipe.jpg")]);
  expect(await walked(folder)).toEqual([]);
});

it("a folder that isn't there is the system's error", async () => {
  await expect(walked(join(home, "none"))).rejects.toMatchObject({ code: "ENOENT" });
});
