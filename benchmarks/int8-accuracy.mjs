// Compares masks from int8 image embeddings with those from fp32: how alike they are, and the encoders'
// times. Needs a build (npm run build) and photos: the folder of shared data beside the checkout, or
// SEGANY_SHARED.
// usage: node benchmarks/int8-accuracy.mjs [--images 48] [--grid 8] [--model mobile_sam] [--checkpoint file]
//          [--threads n]
// Every photo is asked with a grid of points; masks that fp32 rates at 0.88 or more are compared at the
// photo's size. Prints a table on stderr and one JSON object on stdout.
import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadSam, readImage, SamPredictor } from "../packages/sam/dist/node.js";

const COMPARED_FROM_IOU = 0.88;
const PROMPTS_PER_CALL = 16;
const shared = process.env.SEGANY_SHARED ?? resolve(import.meta.dirname, "../../shared");
const { values: options } = parseArgs({
  options: {
    images: { type: "string", default: "48" },
    grid: { type: "string", default: "8" },
    model: { type: "string", default: "mobile_sam" },
    checkpoint: { type: "string" },
    threads: { type: "string" },
  },
});

/** The same share of every set's photos, evenly over its list. */
const choosePhotos = (count) => {
  const lists = readdirSync(join(shared, "data")).map((set) => {
    const folder = join(shared, "data", set, "images");
    try {
      const names = readdirSync(folder).filter((name) => /\.(jpe?g|png)$/i.test(name));
      return names.sort().map((name) => join(folder, name));
    } catch {
      return []; // a set without photos
    }
  });
  const perSet = Math.ceil(count / lists.filter((list) => list.length > 0).length);
  const chosen = lists.flatMap((list) =>
    Array.from(
      { length: Math.min(perSet, list.length) },
      (_, i) => list[Math.floor((i * list.length) / perSet)],
    ),
  );
  return [...new Set(chosen)].slice(0, count);
};

const open = (precision) =>
  loadSam(options.model, {
    precision,
    runIn: "this-process", // so that its processor time is seen
    ...(options.checkpoint && { checkpoint: options.checkpoint }),
    ...(options.threads && { threads: Number(options.threads) }),
  });

const encode = async (predictor, image, times) => {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await predictor.setImage(image);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  times.push({ wallMs, cpuMs: (user + system) / 1000 });
};

const gridPrompts = ({ width, height }, perSide) =>
  Array.from({ length: perSide ** 2 }, (_, i) => ({
    pointCoords: [
      [(((i % perSide) + 0.5) / perSide) * width, ((Math.floor(i / perSide) + 0.5) / perSide) * height],
    ],
    pointLabels: [1],
  }));

const maskIou = (a, b) => {
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    either += a[i] | b[i];
  }
  return either === 0 ? 1 : both / either;
};

/** IoUs of the masks that fp32 rates well, and how many of them int8 rates below that. */
const compareMasks = async (full, small, image, tally) => {
  const prompts = gridPrompts(image, Number(options.grid));
  for (let i = 0; i < prompts.length; i += PROMPTS_PER_CALL) {
    const batch = prompts.slice(i, i + PROMPTS_PER_CALL);
    const [expected, actual] = [await full.predictBatch(batch), await small.predictBatch(batch)];
    for (const [p, prediction] of expected.entries()) {
      for (const [m, rating] of prediction.iouPredictions.entries()) {
        if (rating < COMPARED_FROM_IOU) continue;
        tally.ious.push(maskIou(prediction.masks[m].data, actual[p].masks[m].data));
        if (actual[p].iouPredictions[m] < COMPARED_FROM_IOU) tally.ratedBelow++;
      }
    }
  }
};

const cosine = (a, b) => {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return dot / Math.sqrt(aa * bb);
};

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))];
const round = (value, digits = 4) => Number(value.toFixed(digits));
const summary = (ious) => ({
  masks: ious.length,
  mean: round(mean(ious)),
  p5: round(quantile(ious, 0.05)),
  p1: round(quantile(ious, 0.01)),
  min: round(Math.min(...ious)),
  shareFrom95: round(ious.filter((iou) => iou >= 0.95).length / ious.length),
});
const timeSummary = (times) => ({
  wallMs: round(
    quantile(
      times.map(({ wallMs }) => wallMs),
      0.5,
    ),
    0,
  ),
  cpuMs: round(
    quantile(
      times.map(({ cpuMs }) => cpuMs),
      0.5,
    ),
    0,
  ),
});

const valuesOf = (predictor) => predictor.getImageEmbedding().features.image_embeddings.data;

const fullSam = await open("fp32");
const smallSam = await open("int8");
const [full, small] = [new SamPredictor(fullSam), new SamPredictor(smallSam)];
const photos = choosePhotos(Number(options.images));
const [all, cosines, rows] = [{ ious: [], ratedBelow: 0 }, [], []];
const times = { fp32: [], int8: [] };
for (const [i, path] of photos.entries()) {
  const image = await readImage(path);
  if (i === 0) await encode(full, image, []).then(() => encode(small, image, [])); // opening is not encoding
  await encode(full, image, times.fp32);
  await encode(small, image, times.int8);
  cosines.push(cosine(valuesOf(full), valuesOf(small)));
  const tally = { ious: [], ratedBelow: 0 };
  await compareMasks(full, small, image, tally);
  all.ious.push(...tally.ious);
  all.ratedBelow += tally.ratedBelow;
  const file = `${basename(resolve(path, "../.."))}/${basename(path)}`;
  rows.push({ file, cosine: round(cosines.at(-1), 6), ...(tally.ious.length > 0 && summary(tally.ious)) });
  const { masks = 0, mean: average = "–", min = "–" } = rows.at(-1);
  process.stderr.write(
    `${file.padEnd(48)} masks ${String(masks).padStart(4)}  IoU mean ${average}  min ${min}  cosine ${rows.at(-1).cosine}\n`,
  );
}
const result = {
  model: fullSam.model.name,
  images: photos.length,
  pointsPerImage: Number(options.grid) ** 2,
  iou: summary(all.ious),
  ratedBelow: all.ratedBelow,
  cosine: { mean: round(mean(cosines), 6), min: round(Math.min(...cosines), 6) },
  fp32: timeSummary(times.fp32),
  int8: timeSummary(times.int8),
  rows,
};
const { iou, cosine: alike, fp32, int8 } = result;
process.stderr.write(
  [
    `${iou.masks} masks of ${result.images} photos: IoU mean ${iou.mean}, p5 ${iou.p5}, p1 ${iou.p1}, min ${iou.min}; ${(100 * iou.shareFrom95).toFixed(1)} % at 0.95 or more`,
    `${result.ratedBelow} of them are rated below ${COMPARED_FROM_IOU} in int8; embedding cosine mean ${alike.mean}, min ${alike.min}`,
    `set image, median: fp32 ${fp32.wallMs} ms (processor ${fp32.cpuMs}), int8 ${int8.wallMs} ms (processor ${int8.cpuMs}): ${(int8.cpuMs / fp32.cpuMs).toFixed(2)}x of the processor time`,
    "",
  ].join("\n"),
);
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
await fullSam.close();
await smallSam.close();
