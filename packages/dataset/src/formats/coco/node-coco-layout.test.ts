import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { partNameOf } from "../node-part-name.js";
import { listCocoFiles, partPrefix } from "./node-coco-layout.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-coco-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

it("reads every part of a set whose files have names of their own, however many there are", async () => {
  const names = Array.from({ length: 30 }, (_, i) => `batch_${10 + i}.json`);
  for (const name of names)
    await writeFile(join(folder, name), '{"images": [], "annotations": [], "categories": []}');
  await writeFile(join(folder, "notes.json"), '{"notes": []}');
  expect(await listCocoFiles(folder)).toEqual(names.map((name) => join(folder, name)));
});

it.each([
  ["annotations/instances_default.json"],
  ["annotations.json"],
  ["annotations/instances_train2017.json", "annotations/instances_val2017.json"],
  ["train/annotations/instances_default.json", "val/annotations/instances_default.json"],
  ["train/_annotations.coco.json", "valid/_annotations.coco.json"],
  ["train/annotations.json", "val/annotations.json"],
])("finds %s", async (...names) => {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '{"images": [], "annotations": [], "categories": []}');
  }
  const found = await listCocoFiles(folder);
  expect(found).toEqual(names.map((name) => join(folder, name)));
  if (names.length > 1)
    expect(found.map((file) => partNameOf(file, partPrefix))).toEqual([
      expect.stringMatching(/^train/),
      expect.stringMatching(/^val/),
    ]);
});

it("refuses a folder without one", async () => {
  await writeFile(join(folder, "notes.json"), '{"notes": []}');
  await expect(listCocoFiles(folder)).rejects.toMatchObject({ code: "dataset-not-found" });
});
