import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./node-folders.js";

const home = mkdtempSync(join(tmpdir(), "segany-folders-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

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
  }
});

it.skipIf(!existsSync("/proc/self"))("comes to an end where the system makes no folders", async () => {
  await expect(makeFolder("/proc/nowhere/below")).rejects.toMatchObject({ code: "file-unwritable" });
});
