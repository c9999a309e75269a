import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TensorInfo } from "@segany/graph/weights";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeTorchZip } from "../../../graph/src/testing/write-torch-zip.js";
import { decoderWeights } from "../files/node-decoder-weights.js";
import { exportOnnx } from "../files/node-export.js";
import { loadSam } from "../processes/node-load-sam.js";
import { publishedDecoder, randomCheckpoint, vitHuge } from "../testing/random-checkpoint.js";
import { SMALL_ARCHITECTURE } from "../testing/small-architecture.js";
import type { Architecture, VitArchitecture } from "./sam/architecture.js";
import { samFamily } from "./sam/sam-family.js";
import { decoderWeightShapes, vitWeightShapes } from "./sam/weight-shapes.js";
import { refuseUnused, unusedTensors } from "./unused-tensors.js";

type Shapes = Readonly<Record<string, readonly number[]>>;

const small: Architecture = {
  ...SMALL_ARCHITECTURE,
  decoder: { ...SMALL_ARCHITECTURE.decoder, numHeads: 8 },
};

function tensorsOf(shapes: Shapes, dtype: TensorInfo["dtype"] = "float32"): Map<string, TensorInfo> {
  return new Map(Object.entries(shapes).map(([key, shape]) => [key, { dtype, shape }]));
}

function wholeModel({ encoder, decoder }: Architecture): Map<string, TensorInfo> {
  return tensorsOf({
    ...vitWeightShapes(encoder as VitArchitecture),
    ...decoderWeightShapes({ decoder }),
  });
}

const networkOf = (architecture: Architecture) => ({
  family: samFamily,
  model: { architecture, source: "medical.pth" },
});

/** Adds tensors to the small model, and checks it. */
function withMore(shapes: Shapes, dtype?: TensorInfo["dtype"]): string[] {
  const tensors = new Map([...wholeModel(small), ...tensorsOf(shapes, dtype)]);
  return refuseUnused(networkOf(small), tensors);
}

describe("weights that a model does not use", () => {
  it("are none in a published model", () => {
    for (const architecture of [{ encoder: vitHuge, decoder: publishedDecoder }, small])
      expect(unusedTensors(networkOf(architecture), wholeModel(architecture))).toEqual([]);
  });

  it.each([
    ["an adapter in a block (Medical SAM Adapter)", "image_encoder.blocks.0.MLP_Adapter.D_fc1.weight"],
    ["an adapter beside the decoder's attention", "mask_decoder.transformer.layers.0.adapter.weight"],
    ["HQ-SAM's token", "mask_decoder.hf_token.weight"],
    ["HQ-SAM's features", "mask_decoder.compress_vit_feat.0.bias"],
    ["SAMed's pairs beside q and v", "image_encoder.blocks.0.attn.qkv.linear_a_q.weight"],
    ["a layer more", "mask_decoder.transformer.layers.7.norm1.weight"],
    ["a new prompt", "prompt_encoder.text_proj.weight"],
  ])("are refused inside it: %s", (_, key) => {
    expect(() => withMore({ [key]: [4, 8] })).toThrow(
      expect.objectContaining({
        code: "checkpoint-unsupported",
        message: expect.stringMatching(new RegExp(`^medical.pth has 1 tensors .*"${key}".*--ignore-unused`)),
      }),
    );
  });

  it("are named in part where they are many", () => {
    const many = Array.from({ length: 9 }, (_, i) => [`image_encoder.extra.${i}`, [1]] as const);
    expect(() => withMore(Object.fromEntries(many))).toThrow(
      /has 9 tensors .*"image_encoder.extra.2" and 6 more/,
    );
  });

  it("are returned where they are outside it, or another task's head", () => {
    const outside = {
      "classifier.weight": [2, 8],
      "optimizer.step": [],
      "image_encoder.head.weight": [1000, 8],
    };
    expect(withMore(outside)).toEqual(Object.keys(outside));
  });

  it("are not counters and tables of indices", () => {
    expect(withMore({ "image_encoder.blocks.0.bn.num_batches_tracked": [] }, "int64")).toEqual([]);
  });
});

describe("a changed network", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-unused-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

  it("is refused wherever a checkpoint is opened, and opens where its weights may go unused", async () => {
    const checkpoint = join(folder, "hq.pth");
    const token = { key: "mask_decoder.hf_token.weight", shape: [1, 32], values: () => new Float32Array(32) };
    const tensors = randomCheckpoint(small.encoder as VitArchitecture, small.decoder);
    await writeTorchZip(checkpoint, [...tensors, token]);
    const options = { checkpoint, cacheDirectory: folder };
    const refused = { code: "checkpoint-unsupported", message: expect.stringContaining("hf_token") };
    const runIn = "this-process";
    await expect(loadSam(undefined, { ...options, runIn })).rejects.toMatchObject(refused);
    await (await loadSam(undefined, { ...options, runIn, ignoreUnused: true })).close();
    await expect(decoderWeights(options)).rejects.toMatchObject(refused);
    await decoderWeights({ ...options, ignoreUnused: true });
    await expect(exportOnnx(folder, options)).rejects.toMatchObject(refused);
    await exportOnnx(folder, { ...options, ignoreUnused: true });
  });
});
