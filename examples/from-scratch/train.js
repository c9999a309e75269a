/** A SAM from random weights: pre-trained without labels, trained on drawn scenes, and asked for masks. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { interiorPoint, maskIou, runsToMask } from "@segany/masks";
import { loadSam, SamPredictor } from "@segany/sam";
import { pretrainEncoder, saveFreshSam, trainSam } from "@segany/training";
import { saveMaskSheet } from "./mask-sheet.js";
import { drawScenes } from "./scenes.js";

/** A small SAM: 128 pixels, 16 x 16 patches of 8, four blocks of 96 channels; 64 x 64 logits. */
const ARCHITECTURE = {
  encoder: {
    kind: "vit",
    imageSize: 128,
    patchSize: 8,
    embedDim: 96,
    depth: 4,
    numHeads: 4,
    mlpDim: 384,
    windowSize: 8,
    globalAttnIndexes: [1, 3],
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

/** On graphs as small as these a second thread costs more than it brings. */
const threads = 1;

/**
 * Trains, and saves `run/best.safetensors` and `masks.png` in the folder.
 *
 * @param {{ folder: string, scenes: number, pretrainSteps: number, steps: number, onEvent?: Function }} options
 *   with no steps of pre-training the encoder begins with random weights
 */
export async function trainFromScratch({ folder, scenes, pretrainSteps, steps, onEvent = () => {} }) {
  await mkdir(folder, { recursive: true });
  const data = drawScenes({ count: scenes, side: 128, seed: 1 });
  const validation = drawScenes({ count: Math.ceil(scenes / 10), side: 128, seed: 2 });
  const fresh = join(folder, "fresh.safetensors");
  await saveFreshSam({ path: fresh, architecture: ARCHITECTURE, seed: 0 });
  const checkpoint = pretrainSteps > 0 ? join(folder, "pretrained.safetensors") : fresh;
  if (pretrainSteps > 0)
    await pretrainEncoder({
      checkpoint: fresh,
      threads,
      images: data,
      output: checkpoint,
      settings: { steps: pretrainSteps },
      onEvent: (event) => onEvent({ kind: "pretraining", ...event }),
    });
  const settings = {
    train: "encoder",
    steps,
    batch: 4,
    masksPerImage: 4,
    learningRate: 1e-3,
    warmup: Math.ceil(steps / 20),
    validateEvery: Math.ceil(steps / 5),
    minCrop: 0.8,
  };
  const result = await trainSam({
    checkpoint,
    data,
    validation,
    output: join(folder, "run"),
    settings,
    onEvent,
  });
  const sheet = join(folder, "masks.png");
  return { ...result, sheet, clickIou: await lookAt(result.bestCheckpoint, validation, sheet) };
}

/** Clicks each object of the scenes, draws the masks for the first few, and gives their mean IoU. */
async function lookAt(checkpoint, scenes, path) {
  const sam = await loadSam(undefined, { checkpoint, threads });
  const predictor = new SamPredictor(sam);
  const rows = [];
  const ious = [];
  for (const { image, masks } of scenes) {
    await predictor.setImage(image);
    const truth = masks.map(({ runs }) => runsToMask(runs()));
    const found = [];
    for (const mask of truth) {
      const { masks: three, iouPredictions } = await predictor.predict({
        pointCoords: [interiorPoint(mask)],
        pointLabels: [1],
      });
      found.push(three[iouPredictions.indexOf(Math.max(...iouPredictions))]);
      ious.push(maskIou(found.at(-1), mask));
    }
    rows.push({ image, truth, found });
  }
  await sam.close();
  await saveMaskSheet(path, rows.slice(0, 6));
  return ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
}
