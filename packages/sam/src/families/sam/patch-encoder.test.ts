import { createGraphBuilder } from "@segany/graph";
import { add, reshape, transpose } from "@segany/graph/ops";
import { expect, it } from "vitest";
import { maxDifference } from "../../../../graph/src/testing/max-difference.js";
import { randomWeights } from "../../../../graph/src/testing/random-weights.js";
import { runGraph } from "../../../../runtime/src/testing/run-graph.js";
import type { VitArchitecture } from "./architecture.js";
import { imageEncoderVit } from "./image-encoder-vit.js";
import { neck } from "./neck.js";
import { patchEncoder } from "./patch-encoder.js";
import { vitWeightShapes } from "./weight-shapes.js";

const VIT: VitArchitecture = {
  kind: "vit",
  imageSize: 16,
  patchSize: 4,
  embedDim: 12,
  depth: 2,
  numHeads: 2,
  mlpDim: 24,
  windowSize: 0,
  globalAttnIndexes: [0, 1],
  useRelPos: false,
  outChannels: 8,
};

/** Patches 1x16x48 of an image 3x16x16: channel, row, column in each. */
function patchesOf(image: Float32Array): Float32Array {
  return Float32Array.from({ length: image.length }, (_, i) => {
    const [patch, channel, row, column] = [
      Math.floor(i / 48),
      Math.floor(i / 16) % 3,
      Math.floor(i / 4) % 4,
      i % 4,
    ];
    const [y, x] = [4 * Math.floor(patch / 4) + row, 4 * (patch % 4) + column];
    return image[channel * 256 + y * 16 + x]!;
  });
}

it("on all patches is the encoder without windows and relative positions", async () => {
  const weights = randomWeights(vitWeightShapes(VIT), 5);
  const g = createGraphBuilder("both", weights.shapes);
  const image = Float32Array.from({ length: 3 * 16 * 16 }, (_, i) => Math.sin(i));
  const { embed, blocks, positionsKey } = patchEncoder(VIT);
  const positions = reshape(g, g.weight(positionsKey), [1, 16, 12]);
  const tokens = blocks(g, add(g, embed(g, g.input("patches", "float32", [1, 16, 48])), positions));
  const grid = transpose(g, reshape(g, tokens, [1, 4, 4, 12]), [0, 3, 1, 2]);
  g.output("by_patches", neck(g, grid, "image_encoder.neck"));
  g.output("by_image", imageEncoderVit(g, g.input("image", "float32", [1, 3, 16, 16]), VIT));
  const { by_patches, by_image } = await runGraph(g.finish(), weights.load, {
    image: { dtype: "float32", shape: [1, 3, 16, 16], data: image },
    patches: { dtype: "float32", shape: [1, 16, 48], data: patchesOf(image) },
  });
  expect(maxDifference(by_patches!.data as Float32Array, by_image!.data as Float32Array)).toBeLessThan(1e-5);
});
