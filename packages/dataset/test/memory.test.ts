import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "@segany/dataset";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateDataset, writeScatteredCoco } from "./generate.js";
import { measureMemory } from "./measure-memory.js";

const gibibyte = 2 ** 30;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

test("a shard of 200 MB is validated and converted in far less memory than its size", async () => {
  const shards = join(folder, "shards");
  await convert(await generateDataset(200, 2 ** 20), "sa1b", shards, { shardSizeBytes: gibibyte });
  const [shard] = await readdir(shards);
  expect((await stat(join(shards, shard!))).size).toBeGreaterThan(200e6);
  const { result, maxRssBytes } = await measureMemory(
    `import { convert, openDataset, validate } from "@segany/dataset";
     const { images, problemCount } = await validate(args[0]);
     const report = await convert(await openDataset(args[0]), "coco", args[1]);
     result = { images, problemCount, converted: report.images };`,
    [shards, join(folder, "coco")],
  );
  expect(result).toEqual({ images: 200, problemCount: 0, converted: 200 });
  expect(maxRssBytes).toBeLessThan(gibibyte / 2);
});

test("a COCO file larger than what is kept in memory is counted and converted by image", async () => {
  const file = join(folder, "scattered.json");
  await writeScatteredCoco(file, 3000, 100);
  expect((await stat(file)).size).toBeGreaterThan(70e6);
  const { result, maxRssBytes } = await measureMemory(
    `import { convert, readCoco } from "@segany/dataset";
     const dataset = await readCoco(args[0]);
     const { images, annotations } = await convert(dataset, "coco", args[1], { images: "none" });
     result = { counted: dataset.annotationCount, images, annotations };`,
    [file, join(folder, "sorted")],
  );
  expect(result).toEqual({ counted: 300_000, images: 3000, annotations: 300_000 });
  expect(maxRssBytes).toBeLessThan(gibibyte / 2);
});

test.each([
  ["nested without end", "["],
  ["a single text", "a"],
  ["a single number", "1"],
])("a hostile JSON file, %s, is refused in bounded memory", async (name, filler) => {
  const file = join(folder, `${name}.json`);
  const start = filler === "a" ? '{"images": ["' : '{"images": [';
  await writeFile(file, start + filler.repeat(300e6));
  const { result, maxRssBytes } = await measureMemory(
    `import { readCoco } from "@segany/dataset";
     result = await readCoco(args[0]).then(() => "read", (error) => error.name + " " + error.code);`,
    [file],
  );
  expect(result).toBe(filler === "[" ? "DatasetError json-invalid" : "DatasetError dataset-too-large");
  expect(maxRssBytes).toBeLessThan(gibibyte);
});
