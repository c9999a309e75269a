import { encodeSafetensors, memoryByteSource, type StateDict } from "@segany/graph/weights";
import { expect, it } from "vitest";
import { randomWeights } from "../../../graph/src/testing/random-weights.js";
import { samFamily } from "../families/sam/sam-family.js";
import { decoderWeightShapes } from "../families/sam/weight-shapes.js";
import { SMALL_ARCHITECTURE } from "../testing/small-architecture.js";
import { encodeDecoderFile, openDecoderFile } from "./decoder-file.js";
import { keptThresholds } from "./everything-thresholds.js";

// The heads of a decoder leave no trace in its shapes; every SAM has 8.
const decoder = { ...SMALL_ARCHITECTURE.decoder, numHeads: 8 };
const architecture = { ...SMALL_ARCHITECTURE, decoder };
const weights = randomWeights({ ...decoderWeightShapes(architecture), "image_encoder.pos_embed": [1] });
const state = {
  tensors: weights.shapes,
  load: weights.load,
  sha256: "ab".repeat(32),
} as unknown as StateDict;
const model = { name: "small", family: samFamily, architecture };
const checkpointSha256 = state.sha256;

it("holds what masks are decoded with, and what the model is", async () => {
  const bytes = await encodeDecoderFile(state, { ...model, checkpointSha256 });
  const opened = await openDecoderFile(memoryByteSource(bytes), "decoder");
  expect(opened).toMatchObject(model);
  expect(opened.state.sha256).toBe(state.sha256);
  expect([...opened.state.tensors.keys()].sort()).toEqual(
    Object.keys(decoderWeightShapes(architecture)).sort(),
  );
});

it("keeps thresholds that are kept with the weights", async () => {
  const everythingThresholds = { predIouThresh: 0.5, stabilityScoreThresh: 0.75 };
  const bytes = await encodeDecoderFile(state, { ...model, checkpointSha256, everythingThresholds });
  const opened = await openDecoderFile(memoryByteSource(bytes), "decoder");
  expect(keptThresholds(opened.state)).toEqual(everythingThresholds);
});

/** A file of the same tensors with metadata of one's own. */
async function fileWith(metadata: Record<string, string>): Promise<Uint8Array> {
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [key, shape] of Object.entries(decoderWeightShapes(architecture)))
    tensors[key] = { shape, data: await weights.load(key) };
  return encodeSafetensors(tensors, { model: "small", checkpoint_sha256: state.sha256, ...metadata });
}

it("of earlier versions, which names no family, is a SAM's", async () => {
  const bytes = await fileWith({ architecture: JSON.stringify(architecture) });
  expect((await openDecoderFile(memoryByteSource(bytes), "decoder")).family).toBe(samFamily);
});

it.each([
  [
    "an unknown family",
    { architecture: JSON.stringify(architecture), family: "sam9" },
    /"sam9" is not a known family/,
  ],
  ["no architecture", {}, /lack/],
  ["an architecture that is no JSON", { architecture: "{" }, /is invalid/],
  ["an architecture of nothing", { architecture: "null" }, /incomplete/],
  [
    "an architecture unlike its tensors",
    { architecture: JSON.stringify({ ...architecture, decoder: { ...decoder, depth: 3 } }) },
    /depth 2, unlike/,
  ],
])("with %s is refused by its name", async (_, metadata, complaint) => {
  const bytes = await fileWith(metadata);
  await expect(openDecoderFile(memoryByteSource(bytes), "some file")).rejects.toMatchObject({
    code: "checkpoint-invalid",
    message: expect.stringMatching(new RegExp(`^some file.*${complaint.source}`)),
  });
});
