/** Models to measure, and their graphs as the library opens them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeSafetensors } from "../../packages/graph/dist/weights.js";
import { sessionOpener } from "../../packages/runtime/dist/cache/node-session-opener.js";
import { resolveDevice } from "../../packages/runtime/dist/devices/node-devices.js";
import { createAtomicFile } from "../../packages/runtime/dist/files.js";
import { openMatrixProduct } from "../../packages/runtime/dist/measuring/node-matrix-product.js";
import { inferArchitecture } from "../../packages/sam/dist/families/sam/infer-architecture.js";
import { openState } from "../../packages/sam/dist/files/node-open-state.js";
import { clipShapes } from "../../packages/sam/dist/training.js";
import { tell } from "./interleave.mjs";

/** Threads, as the library chooses them. */
export const device = resolveDevice();

/** Opens the matrix product under the models' settings. */
export const openProduct = () => openMatrixProduct(device);

/**
 * @param {{ folder: string, checkpoint?: string }} options `folder` is for built graphs
 */
export async function openModel({ folder, checkpoint }) {
  const state = await openState({ cacheDirectory: folder, ...(checkpoint && { checkpoint }) });
  const open = sessionOpener(device, folder, state.sha256);
  return {
    state,
    weights: state.tensors,
    architecture: inferArchitecture(state.tensors).architecture,
    open: (graph) => open(graph, state.load),
  };
}

const SIZES = {
  vit_b: { embedDim: 768, depth: 12, numHeads: 12, mlpDim: 3072, globalAttnIndexes: [2, 5, 8, 11] },
  vit_l: { embedDim: 1024, depth: 24, numHeads: 16, mlpDim: 4096, globalAttnIndexes: [5, 11, 17, 23] },
  vit_h: {},
};

/**
 * A checkpoint in PyTorch's format with random weights, other ones in every block: ONNX Runtime shares equal
 * packed matrices, which would flatter memory and time.
 */
export async function randomCheckpointFile(name, folder) {
  const path = join(folder, `${name}.pth`);
  if (existsSync(path)) return path;
  tell(`writing a random ${name} to ${path}`);
  const { runnerImport } = await import("vite"); // the writer is a helper of tests and not built
  const load = async (file) => (await runnerImport(fileURLToPath(new URL(file, import.meta.url)))).module;
  const { randomCheckpoint, vitHuge } = await load("../../packages/sam/src/testing/random-checkpoint.ts");
  const { writeTorchZip } = await load("../../packages/graph/src/testing/write-torch-zip.ts");
  await writeTorchZip(path, randomCheckpoint({ ...vitHuge, ...SIZES[name] }));
  return path;
}

/**
 * A CLIP with random weights: the text tower of ViT-B/32, and a small image tower, which second words don't
 * use.
 */
export async function randomClipFile(folder) {
  const path = join(folder, "clip.safetensors");
  const image = { width: 64, depth: 1, patchSize: 32, imageSize: 224 };
  const shapes = clipShapes({ text: { width: 512, depth: 12 }, image, featureSize: 512 });
  const file = await createAtomicFile(path);
  const tensors = Object.entries(shapes).map(([key, shape]) => {
    const scale = shape.length > 1 ? 1 / Math.sqrt(shape.at(-1)) : 0;
    const start = /ln_.*weight$/.test(key) ? 1 : 0;
    const values = () => noise(shape).data.map((value) => start + scale * value);
    return { key, shape, values };
  });
  await writeSafetensors(tensors, (bytes) => file.append(bytes));
  await file.finish();
  return path;
}

/** A tensor of uneven values between -2 and 2. */
export function noise(shape) {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) data[i] = (Math.imul(i + 1, 2_654_435_761) >>> 0) / 2 ** 30 - 2;
  return { dtype: "float32", shape, data };
}

/** Cosine of the angle between two vectors. */
export function cosine(a, b) {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] ** 2;
    bb += b[i] ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}
