// Words to masks on an image whose embedding is known: the embedded detector, and the decoder for what it
// finds. And a second word with clip-rank on an image of a hundred discs.
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadSam, readImage, SamPredictor } from "../../packages/sam/dist/node.js";
import { openTextGrounder } from "../../packages/sam/dist/text.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { interleave, median, REST_MS } from "../lib/interleave.mjs";
import { openProduct, randomClipFile } from "../lib/models.mjs";

const { quick, folder } = partArguments();
const root = resolve(import.meta.dirname, "../..");
const image = await readImage(join(root, "examples/still-life.jpg"));
const sam = await loadSam("mobile_sam", { runIn: "this-process", cacheDirectory: folder });
const grounder = await openTextGrounder({ cacheDirectory: folder });
// One that is asked for no other image, so that it keeps what it saw of this one.
const kept = await openTextGrounder({ cacheDirectory: folder });
const predictor = new SamPredictor(sam, { grounder: kept });
await predictor.setImage(image);
const form = { outputMode: "coco_rle" };
const { grounding } = await predictor.predict({ text: "bottle", ...form });
const [{ boxXyxy }] = grounding.objects;

/** Knows the embedding, but nothing yet of how its masks are scaled. */
function fresh() {
  const other = new SamPredictor(sam, { grounder });
  other.setImageEmbedding(predictor.getImageEmbedding(), { ...image });
  return other;
}

/** A hundred discs of many colours. */
function discs() {
  const [width, height] = [1000, 1000];
  const data = new Uint8ClampedArray(4 * width * height).fill(225);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [column, row] = [Math.floor(x / 100), Math.floor(y / 100)];
    if (Math.hypot(x - 100 * column - 50, y - 100 * row - 50) < 34)
      data.set([(37 * column + 20) % 200, (53 * row) % 200, (29 * (column + row)) % 200], 4 * i);
    data[4 * i + 3] = 255;
  }
  return { width, height, data };
}

const ranked = discs();
const checkpoint = await randomClipFile(folder);
// On one thread processor time is that of the work alone; a second thread spins while it waits.
const clip = await openTextGrounder({ checkpoint, sam, threads: 1, cacheDirectory: folder });
const found = await clip.ground(ranked, "disc", { threshold: 0 });
const words = ["red car", "dog", "green pear", "coffee cup"];
let turn = 0;

const cases = {
  // Another word each time, every mask of which is kept.
  secondWord: () => clip.ground(ranked, words[turn++ % words.length], { threshold: 0 }),
  box: () => predictor.predict({ box: boxXyxy, ...form }),
  again: () => predictor.predict({ text: "bottle", ...form }),
  // Another object is another image, which the detector looks at anew.
  detector: () => grounder.ground({ ...image }, "bottle"),
  firstBox: () => fresh().predict({ box: boxXyxy, ...form }),
  first: () => fresh().predict({ text: "bottle", ...form }),
};
const product = await openProduct();
const rounds = quick ? 2 : 15;
const { times, gflops } = await interleave(cases, { rounds, product });
const processorMs = await processorTimes(rounds);

/**
 * Medians of processor time, ms: on a busy machine, where some cases wait longer, they say more. Each case
 * begins after a rest: threads that still spin after the one before would count as work of this one.
 */
async function processorTimes(rounds) {
  const spent = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(cases)) {
      await sleep(REST_MS);
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      spent[name].push((user + system) / 1000);
    }
  return Object.fromEntries(Object.entries(spent).map(([name, list]) => [name, median(list)]));
}

answer({
  gflops,
  rows: [
    { id: "words/detector", what: "detector, 1200x800 pixels", ...times.detector, peers: {} },
    {
      id: "words/first",
      what: "words to one mask, the first on an image with an embedding",
      ...times.first,
      processorMs: processorMs.first,
      processorPeers: { "detector and a first box": processorMs.detector + processorMs.firstBox },
      peers: { "detector and a first box": times.detector.ms + times.firstBox.ms },
    },
    {
      id: "words/again",
      what: "words to one mask, again on that image",
      ...times.again,
      processorMs: processorMs.again,
      processorPeers: { "a box": processorMs.box },
      peers: { "a box": times.box.ms },
    },
    {
      id: "words/second",
      what: `clip-rank with the text tower of ViT-B/32: a second word for ${found.objects.length} masks, one thread`,
      ...times.secondWord,
      processorMs: processorMs.secondWord,
      peers: {},
    },
  ],
});
await clip.close();
await kept.close();
await grounder.close();
await sam.close();
