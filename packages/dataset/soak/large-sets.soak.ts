import { mkdtemp, open, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "@segany/dataset";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generateDataset, writeScatteredCoco } from "../test/generate.js";
import { measureMemory } from "../test/measure-memory.js";

const gibibyte = 2 ** 30;
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-soak-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** Runs a script as `measureMemory` does, and prints what it took. */
async function measure<T>(what: string, script: string, ...args: string[]) {
  const { result, seconds, cpuSeconds, maxRssBytes } = await measureMemory<T>(script, args);
  const times = `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of the processor`;
  console.log(`${what}: ${times}, ${Math.round(maxRssBytes / 2 ** 20)} MiB at most`);
  return { result, maxRssBytes };
}

test("a shard of 5 GB is validated, counted, sampled and converted below 1 GiB of memory", async () => {
  const shards = join(folder, "shards");
  await convert(await generateDataset(5000, 2 ** 20), "sa1b", shards, { shardSizeBytes: 10e9 });
  expect((await stat(join(shards, "sa_000000.tar"))).size).toBeGreaterThan(5e9);
  for (const [what, script, expected] of [
    [
      "5 GB shard validated",
      `import { validate } from "@segany/dataset";
       const { images, problemCount } = await validate(args[0]);
       result = { images, problemCount };`,
      { images: 5000, problemCount: 0 },
    ],
    [
      "5 GB shard counted",
      `import { collectStatistics, openDataset } from "@segany/dataset";
       const { images, masks } = await collectStatistics(await openDataset(args[0]));
       result = { images, masks };`,
      { images: 5000, masks: 100_000 },
    ],
    [
      "5 GB shard, 100 images sampled",
      `import { convert, openDataset, sampleDataset } from "@segany/dataset";
       const chosen = await sampleDataset(await openDataset(args[0]), { count: 100, seed: 1 });
       const { images, imageFiles } = await convert(chosen, "coco", args[1]);
       result = { images, imageFiles };`,
      { images: 100, imageFiles: 100 },
    ],
    [
      "5 GB shard to COCO",
      `import { convert, openDataset } from "@segany/dataset";
       const { images, annotations } = await convert(await openDataset(args[0]), "coco", args[1]);
       result = { images, annotations };`,
      { images: 5000, annotations: 100_000 },
    ],
  ] as const) {
    const { result, maxRssBytes } = await measure(what, script, shards, join(folder, what));
    expect(result, what).toEqual(expected);
    expect(maxRssBytes, what).toBeLessThan(gibibyte);
  }
});

test("100,000 images with 10 million masks are counted and converted within 2 GiB", async () => {
  const file = join(folder, "scattered.json");
  await writeScatteredCoco(file, 100_000, 100);
  for (const [what, script, expected] of [
    [
      "10 million masks counted",
      `import { readCoco } from "@segany/dataset";
       const { imageCount, annotationCount } = await readCoco(args[0]);
       result = { imageCount, annotationCount };`,
      { imageCount: 100_000, annotationCount: 10_000_000 },
    ],
    [
      "10 million masks to COCO",
      `import { convert, readCoco } from "@segany/dataset";
       const { images, annotations } = await convert(await readCoco(args[0]), "coco", args[1], { images: "none" });
       result = { images, annotations };`,
      { images: 100_000, annotations: 10_000_000 },
    ],
    [
      "10 million masks to SA-1B shards",
      `import { convert, readCoco } from "@segany/dataset";
       const { images, annotations } = await convert(await readCoco(args[0]), "sa1b", args[1], { shardSizeBytes: 1e9 });
       result = { images, annotations };`,
      { images: 100_000, annotations: 10_000_000 },
    ],
  ] as const) {
    const { result, maxRssBytes } = await measure(what, script, file, join(folder, what));
    expect(result, what).toEqual(expected);
    expect(maxRssBytes, what).toBeLessThan(2 * gibibyte);
  }
});

describe("5,000 images with 50,000 masks", () => {
  test.each([
    ["sa1b", 5000],
    ["labelme", 5000],
    ["yolo", 5000],
    ["semantic", 5000],
    ["labelmap", 5000],
    ["voc", 15_000],
    ["png", 50_000],
  ])("become files of their own as %s in bounded memory", async (format, leastFiles) => {
    const file = join(folder, "scattered.json");
    await writeScatteredCoco(file, 5000, 10);
    const output = join(folder, format);
    const { result, maxRssBytes } = await measure(
      `5,000 images to ${format}`,
      `import { convert, readCoco } from "@segany/dataset";
       const { images } = await convert(await readCoco(args[0]), args[2], args[1], { images: "none" });
       result = images;`,
      file,
      output,
      format,
    );
    expect(result).toBe(5000);
    expect((await readdir(output, { recursive: true })).length).toBeGreaterThanOrEqual(leastFiles);
    expect(maxRssBytes).toBeLessThan(gibibyte);
  });
});

test("a hostile JSON file of over 1 GB is refused in bounded memory", async () => {
  const file = join(folder, "hostile.json");
  await writeFile(file, '{"images": [], "annotations": [{"segmentation": "');
  const handle = await open(file, "a");
  for (let i = 0; i < 1100; i++) await handle.appendFile("a".repeat(1e6));
  await handle.close();
  const { result, maxRssBytes } = await measure(
    "1.1 GB of hostile JSON refused",
    `import { readCoco } from "@segany/dataset";
     result = await readCoco(args[0]).then(() => "read", (error) => error.code);`,
    file,
  );
  expect(result).toBe("dataset-too-large");
  expect(maxRssBytes).toBeLessThan(gibibyte);
});
