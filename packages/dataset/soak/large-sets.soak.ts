import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "@segany/dataset";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateDataset, writeScatteredCoco } from "../test/generate.js";
import { measureMemory } from "../test/measure-memory.js";

const gibibyte = 2 ** 30;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-soak-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a shard of 5 GB is validated and converted below 1 GiB of memory", async () => {
  const shards = join(folder, "shards");
  await convert(await generateDataset(5000, 2 ** 20), "sa1b", shards, { shardSizeBytes: 10e9 });
  expect((await stat(join(shards, "sa_000000.tar"))).size).toBeGreaterThan(5e9);
  const { result, maxRssBytes } = await measureMemory(
    `import { convert, openDataset, validate } from "@segany/dataset";
     const { images, problemCount } = await validate(args[0]);
     const report = await convert(await openDataset(args[0]), "coco", args[1]);
     result = { images, problemCount, converted: report.images };`,
    [shards, join(folder, "coco")],
  );
  expect(result).toEqual({ images: 5000, problemCount: 0, converted: 5000 });
  expect(maxRssBytes).toBeLessThan(gibibyte);
});

test("100,000 images with 10 million masks are counted and converted within 2 GiB", async () => {
  const file = join(folder, "scattered.json");
  await writeScatteredCoco(file, 100_000, 100);
  const { result, maxRssBytes } = await measureMemory(
    `import { convert, readCoco } from "@segany/dataset";
     const dataset = await readCoco(args[0]);
     const { images, annotations } = await convert(dataset, "sa1b", args[1], { shardSizeBytes: 1e9 });
     result = { counted: dataset.annotationCount, images, annotations };`,
    [file, join(folder, "sorted")],
  );
  expect(result).toEqual({ counted: 10_000_000, images: 100_000, annotations: 10_000_000 });
  expect(maxRssBytes).toBeLessThan(2 * gibibyte);
});

test("a hostile JSON file of over 1 GB is refused in bounded memory", async () => {
  const file = join(folder, "hostile.json");
  await writeFile(file, '{"images": [], "annotations": [{"segmentation": "');
  const handle = await open(file, "a");
  for (let i = 0; i < 1100; i++) await handle.appendFile("a".repeat(1e6));
  await handle.close();
  const { result, maxRssBytes } = await measureMemory(
    `import { readCoco } from "@segany/dataset";
     result = await readCoco(args[0]).then(() => "read", (error) => error.code);`,
    [file],
  );
  expect(result).toBe("dataset-too-large");
  expect(maxRssBytes).toBeLessThan(gibibyte);
});
