// Everything mode on a photo of 1800x1200: 1024 prompts with suppression and run lengths, beside decoding
// alone, beside behaviour `fast`, and the peak of memory in a process of its own.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { MAX_BATCH } from "../../packages/sam/dist/engine/decoder.js";
import {
  loadSam,
  packPrompts,
  readImage,
  rleIou,
  SamAutomaticMaskGenerator,
  SamPredictor,
} from "../../packages/sam/dist/node.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { peakMb, runChild } from "../lib/child.mjs";
import { decoderFlops, decoderGraphs, IMAGE_SIZE } from "../lib/decoders.mjs";
import { interleave } from "../lib/interleave.mjs";
import { openModel, openProduct } from "../lib/models.mjs";

const PROMPTS = 1024;
const BATCH = MAX_BATCH; // as the generator asks
const { quick, folder, peak } = partArguments({ peak: { type: "boolean", default: false } });
const shared = process.env.SEGANY_SHARED ?? resolve(import.meta.dirname, "../../../shared");
const truck = join(shared, "fixtures/sam/images/truck.jpg");
const photo = existsSync(truck) ? "truck.jpg" : "examples/still-life.jpg, enlarged";

async function readPhoto() {
  if (existsSync(truck)) return readImage(truck);
  const still = resolve(import.meta.dirname, "../../examples/still-life.jpg");
  return readImage(await sharp(still).resize(IMAGE_SIZE.width, IMAGE_SIZE.height).png().toBuffer());
}

const image = await readPhoto();
const sam = await loadSam("mobile_sam", { cacheDirectory: folder, runIn: "this-process" });
const generatorOf = (behaviour) => new SamAutomaticMaskGenerator(sam, { behaviour, outputMode: "coco_rle" });

/**
 * Points of the grid that the generator asks, in its batches, through the same decoder; masks are thrown
 * away.
 */
async function decodeAlone(predictor) {
  const points = Array.from({ length: PROMPTS }, (_, i) => [
    (((i % 32) + 0.5) / 32) * 1024,
    ((Math.floor(i / 32) + 0.5) / 32) * 683,
  ]);
  for (let start = 0; start < PROMPTS; start += BATCH) {
    const batch = points.slice(start, start + BATCH);
    const prompts = batch.map((point) => ({ pointCoords: [point], pointLabels: [1] }));
    await predictor.predictModelFrame(packPrompts(prompts), "three");
  }
}

async function rows() {
  const product = await openProduct();
  const predictor = new SamPredictor(sam);
  await predictor.setImage(image);
  const [official, fast] = [generatorOf("official"), generatorOf("fast")];
  const masks = {};
  const cases = {
    official: async () => {
      masks.official = await official.generate(image);
    },
    decoding: () => decodeAlone(predictor),
    fast: async () => {
      masks.fast = await fast.generate(image);
    },
  };
  const { times, gflops } = await interleave(cases, { rounds: quick ? 1 : 3, product });
  await sam.close();
  const peak = await runChild("../parts/everything.mjs", ["--folder", folder, "--peak"]);
  const model = await openModel({ folder });
  const { fast: graph } = decoderGraphs(model);
  await model.state.close();
  return {
    gflops,
    rows: [
      {
        id: "everything/official",
        what: `everything mode, 1024 prompts, ${image.width}x${image.height} (${photo}), ${masks.official.length} masks`,
        ...times.official,
        flops: (PROMPTS / BATCH) * decoderFlops(graph, BATCH),
        peakMb: peak,
        peers: { "decoding alone": times.decoding.ms },
      },
      {
        id: "everything/fast",
        what: `the same with --behaviour fast, ${foundAgain(masks)} of the masks found`,
        ...times.fast,
        peers: { official: times.official.ms },
      },
    ],
  };
}

function foundAgain({ official, fast }) {
  const [exact, quickly] = [official, fast].map((list) => list.map(({ segmentation }) => segmentation));
  const ious = rleIou(exact, quickly);
  const found = exact.filter(
    (_, i) => Math.max(...ious.subarray(i * quickly.length, (i + 1) * quickly.length)) >= 0.9,
  );
  return `${((100 * found.length) / exact.length).toFixed(1)} %`;
}

if (peak) {
  await generatorOf("official").generate(image);
  answer(peakMb());
} else answer(await rows());
