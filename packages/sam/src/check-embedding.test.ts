import { expect, it } from "vitest";
import { checkEmbedding } from "./check-embedding.js";
import type { ImageEmbedding, Tensor } from "./embeddings/image-embedding.js";
import type { ModelInfo } from "./engine/types.js";

const OURS = {
  name: "toy",
  checkpointSha256: "ab".repeat(32),
  imageSide: 16,
  fit: "pad",
  features: { fine: [1, 2, 2, 2], coarse: [1, 1, 1, 1] },
} as unknown as ModelInfo;

const map = (shape: readonly number[], length = shape.reduce((a, b) => a * b, 1)): Tensor => ({
  shape,
  data: new Float32Array(length),
});

function embedding(changes: Partial<ImageEmbedding> = {}): ImageEmbedding {
  return {
    model: { name: "toy", checkpointSha256: OURS.checkpointSha256 },
    imageSize: { width: 8, height: 4 },
    inputSize: { width: 16, height: 8 },
    features: { fine: map([1, 2, 2, 2]), coarse: map([1, 1, 1, 1]) },
    ...changes,
  };
}

const refusal = (code: string, ...parts: readonly string[]) =>
  expect.objectContaining({ code, message: expect.stringMatching(parts.join(".*")) });

it("accepts an embedding with all feature maps, also with more than the model takes", () => {
  checkEmbedding(embedding(), OURS);
  const { features } = embedding();
  checkEmbedding(embedding({ features: { ...features, extra: map([1, 1, 1, 1]) } }), OURS);
});

it("refuses one of another checkpoint, whatever the model's name", () => {
  const model = { name: "toy", checkpointSha256: "cd".repeat(32) };
  expect(() => checkEmbedding(embedding({ model }), OURS)).toThrow(
    refusal("embedding-mismatch", "cdcdcdcdcdcd…", "abababababab…"),
  );
});

it.each([
  ["a missing map", {}, "nothing as its feature map coarse"],
  ["a shape of as many values", { coarse: map([1, 1, 1, 1]), fine: map([1, 2, 4, 1]) }, "\\[1, 2, 4, 1\\]"],
  ["too few values", { coarse: map([1, 1, 1, 1], 0) }, "0 values of shape \\[1, 1, 1, 1\\]"],
  ["a broken second map", { coarse: map([1, 1, 1, 2]) }, "2 values of shape \\[1, 1, 1, 2\\]"],
])("refuses %s", (_, maps, text) => {
  const features = { fine: map([1, 2, 2, 2]), ...maps };
  expect(() => checkEmbedding(embedding({ features }), OURS)).toThrow(refusal("embedding-invalid", text));
});

it("accepts images of up to 2^30 pixels", () => {
  const inputSize = { width: 16, height: 16 };
  const square = (side: number) => embedding({ imageSize: { width: side, height: side }, inputSize });
  checkEmbedding(square(2 ** 15), OURS);
  expect(() => checkEmbedding(square(2 ** 15 + 1), OURS)).toThrow(
    refusal("embedding-invalid", "32769 x 32769 pixels"),
  );
});

it.each([
  { width: 15, height: 8 },
  { width: 16, height: 9 },
])("refuses an image that the model would resize to another size than %j", (inputSize) => {
  expect(() => checkEmbedding(embedding({ inputSize }), OURS)).toThrow(refusal("embedding-invalid"));
});
