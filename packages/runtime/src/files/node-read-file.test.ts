import { execFileSync } from "node:child_process";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readFileUpTo } from "./node-read-file.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-read-"));
  path = join(folder, "file");
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const refused = (message: RegExp) => ({
  code: "file-unreadable",
  message: expect.stringMatching(message),
});

it("reads a file of up to so many bytes", async () => {
  await writeFile(path, "12345");
  expect(String(await readFileUpTo(path, 5))).toBe("12345");
  await expect(readFileUpTo(path, 4)).rejects.toMatchObject(refused(/has 5 bytes, and at most 4/));
});

it("takes no memory for a file of a size that no memory has", async () => {
  await writeFile(path, "");
  await truncate(path, 2 ** 42);
  const before = process.memoryUsage().rss;
  await expect(readFileUpTo(path, 2 ** 28)).rejects.toMatchObject(refused(/has 4398046511104 bytes/));
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
});

it.skipIf(process.platform === "win32")("reads a pipe, and no more of it than is allowed", async () => {
  execFileSync("mkfifo", [path]);
  const write = (bytes: number) => {
    const line = `exec > "${path}"; head -c ${bytes} /dev/zero`;
    return execFileSync("sh", ["-c", `(${line}) > /dev/null 2>&1 &`]);
  };
  write(300_000);
  expect(await readFileUpTo(path, 300_000)).toHaveLength(300_000);
  write(400_000);
  await expect(readFileUpTo(path, 300_000)).rejects.toMatchObject(refused(/more than 300000 bytes/));
});

it("says what is wrong in words", async () => {
  await expect(readFileUpTo(path, 1)).rejects.toMatchObject(refused(/no such file; check the path/));
  await expect(readFileUpTo(folder, 1e9)).rejects.toMatchObject(refused(/it is a folder/));
});
