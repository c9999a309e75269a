// A step of training on eight prompts: forwards, backwards, AdamW. The decoder beside its plain forward pass;
// adapters and the whole encoder of MobileSAM with their peaks of memory.
import { buildDecoder } from "../../packages/sam/dist/families/sam/decoder-graph.js";
import { openTrainableModel } from "../../packages/sam/dist/training.js";
import { createAdamW, initialState, loadParameters } from "../../packages/training/dist/index.js";
import { openDecoderObjective } from "../../packages/training/dist/model/decoder-objective.js";
import { openTrainedEncoder } from "../../packages/training/dist/model/encoder-objective.js";
import { trainedWeights } from "../../packages/training/dist/model/trained-weights.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { peakMb, runChild } from "../lib/child.mjs";
import { interleave } from "../lib/interleave.mjs";
import { device, noise, openModel, openProduct } from "../lib/models.mjs";

const PROMPTS = 8;
const SIDE = 256;
const TITLES = { lora: "low-rank adapters", encoder: "everything" };
const { train, quick, folder } = partArguments({ train: { type: "string" } });

const floats = (shape, at) => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i));
  return { dtype: "float32", shape, data };
};
const promptFeeds = {
  point_coords: floats([PROMPTS, 2, 2], (i) => (i * 137) % 1024),
  point_labels: floats([PROMPTS, 2], (i) => (i % 2 === 0 ? 1 : -1)),
  mask_input: floats([PROMPTS, 1, SIDE, SIDE], (i) => (i % 7) - 3),
  has_mask_input: floats([PROMPTS], () => 1),
};
const targetFeeds = {
  targets: floats([PROMPTS, SIDE, SIDE], (i) => (i % SIDE > 100 ? 1 : 0)),
  trains_single: floats([PROMPTS], () => 0),
  trains_three: floats([PROMPTS], () => 1),
};
const feeds = { ...promptFeeds, ...targetFeeds };

/** A step that trains what is said, on one image; `features` if the encoder is not trained. */
async function openStep(settings, features) {
  const trainable = await openTrainableModel();
  const weights = trainedWeights(trainable, { loraRank: 8, loraTargets: "linear", seed: 0, ...settings });
  const common = { ...weights, session: device };
  const featureGradients = features === undefined;
  const objective = await openDecoderObjective(trainable, { ...common, featureGradients });
  const encoder = featureGradients ? await openTrainedEncoder(trainable, common) : undefined;
  const names = Object.keys(trainable.model.features);
  const keys = [...objective.keys.filter((key) => !names.includes(key)), ...(encoder ? encoder.keys : [])];
  const start = await loadParameters(keys, weights.weights, weights.load);
  const optimizer = await createAdamW(initialState(start), { averageDecay: 0.98, session: device });
  const image = { width: SIDE, height: SIDE, data: new Uint8ClampedArray(SIDE * SIDE * 4).fill(99) };
  const path = encoder?.drawPath();
  return async () => {
    const { parameters } = optimizer;
    const maps = features ?? (await encoder.encode(parameters, image, path));
    const { gradients } = await objective.run(parameters, { ...maps, ...feeds });
    const byWeight = new Map([...gradients].filter(([key]) => !names.includes(key)));
    const more = encoder ? await encoder.backwards(parameters, image, path, gradients) : [];
    await optimizer.step(new Map([...byWeight, ...more]), 1e-5);
  };
}

/** The time of the second step in this process, and its memory. */
async function measureOnce() {
  const step = await openStep({ train });
  await step();
  const start = performance.now();
  await step();
  return { ms: performance.now() - start, peakMb: peakMb() };
}

async function measure() {
  const { weights, architecture, open } = await openModel({ folder });
  const options = { masks: "four", maskInput: true, ragged: true, extraTokens: false };
  const plain = await open(buildDecoder(weights, architecture, options));
  const embedding = { image_embeddings: noise([1, 256, 64, 64]) };
  const step = await openStep({ train: "decoder" }, embedding);
  const cases = { step, plain: () => plain.run({ ...embedding, ...promptFeeds }) };
  const { times, gflops } = await interleave(cases, { rounds: quick ? 2 : 9, product: await openProduct() });
  const rows = [
    {
      id: "training/decoder",
      what: `a step of the mask decoder on ${PROMPTS} prompts, a prompt (${perSecond(times.step.ms)} prompts/s)`,
      ms: times.step.ms / PROMPTS,
      minMs: times.step.minMs / PROMPTS,
      peers: { "plain forward": times.plain.ms / PROMPTS },
    },
  ];
  for (const [name, title] of Object.entries(TITLES)) {
    const once = await runChild("../parts/training.mjs", ["--folder", folder, "--train", name]);
    rows.push({
      id: `training/${name}`,
      what: `a step of ${title} of MobileSAM on an image with ${PROMPTS} prompts`,
      ...once,
      peers: { "decoder alone": times.step.ms },
    });
  }
  return { gflops, rows };
}

const perSecond = (stepMs) => ((PROMPTS * 1000) / stepMs).toFixed(1);

answer(train ? await measureOnce() : await measure());
