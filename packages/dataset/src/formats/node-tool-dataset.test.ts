import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lookAt } from "../files/sight.js";
import { findToolFiles, hasToolFile, readImageRows, type ToolFile } from "./node-tool-dataset.js";

const kind: ToolFile = {
  ending: /\.json$/i,
  begins: (head) => head.startsWith("tool"),
  title: "JSON of a tool",
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-tool-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

it("reads every file of a set in parts, however many there are", async () => {
  await mkdir(join(folder, "parts/late"), { recursive: true });
  const names = [...Array.from({ length: 30 }, (_, i) => `parts/${10 + i}.json`), "parts/late/z.json"];
  for (const name of names) await writeFile(join(folder, name), "tool");
  for (const other of ["a.json", "parts/0.txt"]) await writeFile(join(folder, other), "other");
  expect(await hasToolFile(await lookAt(folder), kind)).toBe(true);
  expect(await findToolFiles(folder, kind)).toEqual(names.map((name) => join(folder, name)).sort());
});

it("takes a file that is named, and refuses a set without one", async () => {
  await writeFile(join(folder, "a.json"), "tool");
  await writeFile(join(folder, "b.json"), "other");
  expect(await findToolFiles(join(folder, "a.json"), kind)).toEqual([join(folder, "a.json")]);
  const other = join(folder, "b.json");
  expect(await hasToolFile(await lookAt(other), kind)).toBe(false);
  for (const path of [other, join(folder, "none")])
    await expect(findToolFiles(path, kind)).rejects.toMatchObject({
      code: "dataset-not-found",
      message: `There is no JSON of a tool at "${path}"; name the file itself.`,
    });
});

it("groups the rows of several tables by image", async () => {
  const paths = ["a.csv", "b.csv"].map((name) => join(folder, name));
  await writeFile(paths[0]!, "x,y,x");
  await writeFile(paths[1]!, "y");
  const parse = (text: string) => text.split(",").map((imageId) => ({ imageId }));
  const images = await readImageRows(paths, {}, parse);
  expect(images.map(({ imageId, rows }) => [imageId, ...rows.map(({ where }) => where)])).toEqual([
    ["x", `${paths[0]}, line 2`, `${paths[0]}, line 4`],
    ["y", `${paths[0]}, line 3`, `${paths[1]}, line 2`],
  ]);
});
