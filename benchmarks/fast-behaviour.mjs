// Compares behaviour `fast` of everything mode with `official`: time, and how many of its masks are found
// again. Needs a build (npm run build) and photos: the folder of shared data beside the checkout, or
// SEGANY_SHARED.
// usage: node benchmarks/fast-behaviour.mjs [--images 48] [--cache folder] [--only name]
//          [--points-per-side 32]
// Results of `official` are kept in the cache folder (outputs/fast-behaviour), so that they are computed once
// a setting. Prints a table on stderr and one JSON object on stdout.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadSam, readImage, rleIou, SamAutomaticMaskGenerator } from "../packages/sam/dist/node.js";

const FOUND_IOU = 0.9;
const shared = process.env.SEGANY_SHARED ?? resolve(import.meta.dirname, "../../shared");
const { values: options } = parseArgs({
  options: {
    images: { type: "string", default: "48" },
    cache: { type: "string", default: resolve(import.meta.dirname, "../outputs/fast-behaviour") },
    only: { type: "string", default: "" },
    "points-per-side": { type: "string", default: "32" },
  },
});
const pointsPerSide = Number(options["points-per-side"]);

/** The same share of every set's photos, evenly over its list, small sets first to be heard. */
const choosePhotos = (count) => {
  const folders = [
    join(shared, "fixtures/sam/images"),
    ...readdirSync(join(shared, "data")).map((set) => join(shared, "data", set, "images")),
  ];
  const lists = folders.map((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => /\.(jpe?g|png)$/i.test(name))
        .sort()
        .map((name) => join(folder, name));
    } catch {
      return []; // a set without photos
    }
  });
  const perSet = Math.ceil(count / lists.filter((list) => list.length > 0).length);
  const chosen = lists.flatMap((list) =>
    Array.from(
      { length: Math.min(perSet, list.length) },
      (_, i) => list[Math.floor((i * list.length) / Math.min(perSet, list.length))],
    ),
  );
  return chosen.slice(0, count);
};

const run = async (generator, image) => {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const masks = await generator.generate(image);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { masks: masks.map(({ segmentation }) => segmentation), ms, cpuMs: (user + system) / 1000 };
};

const nameOf = (path) => `${basename(resolve(path, "../.."))}-${basename(path)}`.replace(/[^\w.-]/g, "_");

const exactOf = async (generator, path, image) => {
  const file = join(options.cache, `${nameOf(path)}.${pointsPerSide}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const result = await run(generator, image);
  writeFileSync(file, JSON.stringify(result), { flag: "wx" });
  return result;
};

const foundShare = (exact, fast) => {
  if (exact.length === 0) return 1;
  if (fast.length === 0) return 0;
  const ious = rleIou(exact, fast);
  const found = exact.filter(
    (_, i) => Math.max(...ious.subarray(i * fast.length, (i + 1) * fast.length)) >= FOUND_IOU,
  );
  return found.length / exact.length;
};

mkdirSync(options.cache, { recursive: true });
// In this process, so that its processor time is seen.
const sam = await loadSam("mobile_sam", { runIn: "this-process" });
const generatorOf = (behaviour) =>
  new SamAutomaticMaskGenerator(sam, { behaviour, pointsPerSide, outputMode: "coco_rle" });
const [official, fast] = [generatorOf("official"), generatorOf("fast")];
const photos = choosePhotos(Number(options.images)).filter((path) => nameOf(path).includes(options.only));
const rows = [];
for (const path of photos) {
  const image = await readImage(path);
  const exact = await exactOf(official, path, image);
  const quick = await run(fast, image);
  const row = {
    photo: nameOf(path),
    exactMasks: exact.masks.length,
    fastMasks: quick.masks.length,
    found: foundShare(exact.masks, quick.masks),
    alsoInExact: foundShare(quick.masks, exact.masks),
    exactMs: exact.ms,
    fastMs: quick.ms,
    exactCpuMs: exact.cpuMs,
    fastCpuMs: quick.cpuMs,
  };
  rows.push(row);
  const share = row.exactCpuMs ? (row.fastCpuMs / row.exactCpuMs).toFixed(3) : "-";
  process.stderr.write(
    `${row.photo.padEnd(44)} masks ${String(row.exactMasks).padStart(4)} / ${String(row.fastMasks).padStart(4)}  found ${row.found.toFixed(3)}  precise ${row.alsoInExact.toFixed(3)}  cpu x${share}\n`,
  );
}
await sam.close();

const mean = (of) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
const summary = {
  photos: rows.length,
  found: mean((row) => row.found),
  alsoInExact: mean((row) => row.alsoInExact),
  timeShare: mean((row) => row.fastMs) / mean((row) => row.exactMs),
  cpuShare: mean((row) => row.fastCpuMs) / mean((row) => row.exactCpuMs),
};
process.stderr.write(`mean ${JSON.stringify(summary)}\n`);
console.log(JSON.stringify({ pointsPerSide, foundIou: FOUND_IOU, summary, rows }));
