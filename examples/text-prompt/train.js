/** The paper's text prompt from random weights: a small CLIP, then a small SAM that takes its features. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openClip } from "@segany/sam/text";
import { cropForPrompt } from "@segany/sam/training";
import { createRandom, saveFreshSam, trainClip, trainSam } from "@segany/training";
import { drawScenes, KNOWN } from "./scenes.js";

/** Pixels of a scene's side. */
export const SIDE = 96;

/** A small SAM: 96 pixels, 12 x 12 patches of 8, three blocks of 96 channels; 48 x 48 logits. */
const SAM = {
  encoder: {
    kind: "vit",
    imageSize: SIDE,
    patchSize: 8,
    embedDim: 96,
    depth: 3,
    numHeads: 4,
    mlpDim: 384,
    windowSize: 0,
    globalAttnIndexes: [0, 1, 2],
    useRelPos: true,
    outChannels: 64,
  },
  decoder: {
    transformerDim: 64,
    depth: 2,
    numHeads: 8,
    attentionDim: 32,
    mlpDim: 256,
    numMaskTokens: 4,
    maskInChannels: 16,
  },
};

/** A small CLIP: crops of 32 pixels, 8 x 8 patches of 4; features of 64 values. */
const CLIP = {
  text: { width: 64, depth: 2 },
  image: { width: 64, depth: 3, patchSize: 4, imageSize: 32 },
  featureSize: 64,
};

const CAPTIONS = ["a photo of a {}", "a {}", "the {} in a scene", "there is a {}"];

/** On graphs as small as these a second thread costs more than it brings. */
const threads = 1;

/**
 * Trains both models.
 *
 * @param {{ folder: string, scenes: number, clipSteps: number, samSteps: number, onEvent?: Function }}
 * options
 * @returns paths of CLIP, SAM and the projection
 */
export async function trainTextPrompt({ folder, scenes, clipSteps, samSteps, onEvent = () => {} }) {
  await mkdir(folder, { recursive: true });
  const data = drawScenes(createRandom(1), { count: scenes, side: SIDE });
  const validation = drawScenes(createRandom(2), { count: Math.ceil(scenes / 12), side: SIDE });
  const checkpoint = join(folder, "clip.safetensors");
  await trainClip({
    sizes: CLIP,
    drawBatch: (random) => drawCaptioned(random, data),
    output: checkpoint,
    settings: { steps: clipSteps },
    threads,
    onEvent: (event) => onEvent({ kind: "clip", ...event }),
  });
  const fresh = join(folder, "fresh.safetensors");
  await saveFreshSam({ path: fresh, architecture: SAM });
  const clip = await openClip({ checkpoint, threads });
  const settings = {
    train: "encoder",
    steps: samSteps,
    batch: 4,
    masksPerImage: 4,
    rounds: 1,
    learningRate: 1e-3,
    warmup: Math.ceil(samSteps / 20),
    validateEvery: Math.ceil(samSteps / 4),
    minCrop: 0.9,
    textShare: 0.7,
    textMinArea: 60,
  };
  const run = { checkpoint: fresh, data, validation, clip, threads, settings, onEvent };
  const result = await trainSam({ ...run, output: join(folder, "run") }).finally(() => clip.close());
  const { bestCheckpoint, projections } = result;
  return { clip: checkpoint, sam: bestCheckpoint, projection: projections.best };
}

/** An object of each name, as the paper crops it, with a caption. */
function drawCaptioned(random, scenes) {
  const one = (list) => list[random.below(list.length)];
  return KNOWN.flatMap((name) => {
    const named = scenes.filter(({ masks }) => masks.some(({ className }) => className === name));
    if (named.length === 0) return [];
    const { image, masks } = one(named);
    const mask = masks.find(({ className }) => className === name).runs();
    const crop = cropForPrompt(image, mask, { context: random.unit(), zeroed: random.unit() < 0.5 });
    return [{ image: crop, text: one(CAPTIONS).replace("{}", name) }];
  });
}
