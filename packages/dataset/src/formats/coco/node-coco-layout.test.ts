import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { listCocoFiles } from "./node-coco-layout.js";

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

it("refuses a folder without one", async () => {
  await writeFile(join(folder, "notes.json"), '{"notes": []}');
  await expect(listCocoFiles(folder)).rejects.toMatchObject({ code: "dataset-not-found" });
});
