import { readFile } from "node:fs/promises";
import type { Graph } from "@segany/graph";
import { readNpy, type StateDict } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../../scripts/testing/shared-files.mjs";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { floats, runGraph } from "../../../../runtime/src/testing/run-graph.js";
import type { VitArchitecture } from "./architecture.js";
import { buildFastVitEncoder } from "./fast/image-encoder-vit.js";
import { buildVitEncoder } from "./image-encoder-vit.js";

const CHECKPOINT = "fixtures/vit/vit_test.pth";
const EMBEDDING = "fixtures/vit/vit_test.embedding.npy";
const IMAGE = "fixtures/sam/still-life.resized.png";

/** Of `vit_test.pth`, as fixtures/README.md says. */
const ARCHITECTURE: VitArchitecture = {
  kind: "vit",
  imageSize: 1024,
  patchSize: 16,
  embedDim: 96,
  depth: 4,
  numHeads: 4,
  mlpDim: 384,
  windowSize: 14,
  globalAttnIndexes: [1, 3],
  useRelPos: true,
  outChannels: 256,
};

/** Meta's normalisation, written out here so that this test stands by itself: 1x3x1024x1024. */
async function loadImage(path: string): Promise<Float32Array> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [mean, deviation] = [
    [123.675, 116.28, 103.53],
    [58.395, 57.12, 57.375],
  ];
  const image = new Float32Array(3 * 1024 * 1024);
  for (let i = 0; i < data.length; i++) {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const at = Math.floor(pixel / info.width) * 1024 + (pixel % info.width);
    image[c * 1024 * 1024 + at] = (data[i]! - mean![c]!) / deviation![c]!;
  }
  return image;
}

describe.skipIf(!haveSharedFiles(CHECKPOINT, EMBEDDING, IMAGE))("a small encoder against Meta's code", () => {
  let checkpoint: StateDict;
  let image: Float32Array;
  let expected: Float32Array;

  beforeAll(async () => {
    checkpoint = await openCheckpointFile(sharedFile(CHECKPOINT));
    image = await loadImage(sharedFile(IMAGE));
    expected = readNpy(await readFile(sharedFile(EMBEDDING))).data as Float32Array;
  });
  afterAll(() => checkpoint?.close());

  async function differenceOf(graph: Graph): Promise<number> {
    const outputs = await runGraph(graph, checkpoint.load, { image: floats(image, [1, 3, 1024, 1024]) });
    return maxDifference(outputs.image_embeddings!.data as Float32Array, expected);
  }

  test("the plain form gives the golden embedding", async () => {
    expect(await differenceOf(buildVitEncoder(checkpoint.tensors, ARCHITECTURE))).toBeLessThan(2e-3);
  });

  test("the fast form gives the golden embedding", async () => {
    expect(await differenceOf(buildFastVitEncoder(checkpoint.tensors, ARCHITECTURE))).toBeLessThan(2e-3);
  });
});
