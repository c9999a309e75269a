import { describe, expect, it } from "vitest";
import { openTfjsWeights } from "./tfjs-weights.js";

const weights = [
  { name: "conv/weights", shape: [1, 2, 3, 4], dtype: "float32" },
  { name: "a/depthwise_weights", shape: [2, 1, 3, 1], dtype: "float32" },
  { name: "size", shape: [2], dtype: "int32" },
  { name: "bias", shape: [], dtype: "float32" },
];
const values = Float32Array.from({ length: 30 }, (_, i) => i);

function shards(): Uint8Array {
  const bytes = new Uint8Array(4 * 33);
  bytes.set(new Uint8Array(values.buffer), 0);
  bytes.set(new Uint8Array(Int32Array.of(300, -1).buffer), 4 * 30);
  bytes.set(new Uint8Array(Float32Array.of(0.5).buffer), 4 * 32);
  return bytes;
}

const open = (list: unknown, bytes = shards()) =>
  openTfjsWeights({ model: { weightsManifest: list }, shards: bytes, sha256: "a".repeat(64), source: "m" });

describe("weights of a graph model", () => {
  it("have PyTorch's order of axes", async () => {
    const state = open([{ weights: weights.slice(0, 2) }, { weights: weights.slice(2) }]);
    expect([...state.tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ["conv/weights", [4, 3, 1, 2]],
      ["a/depthwise_weights", [3, 1, 2, 1]],
      ["size", [2]],
      ["bias", []],
    ]);
    const conv = await state.load("conv/weights"); // [out, in, 0, x] of value (x * 3 + in) * 4 + out
    expect([...conv.slice(0, 4)]).toEqual([0, 12, 4, 16]);
    expect([...(await state.load("a/depthwise_weights"))]).toEqual([24, 27, 25, 28, 26, 29]);
    expect([...(await state.load("size"))]).toEqual([300, -1]);
    expect([...(await state.load("bias"))]).toEqual([0.5]);
  });

  it.each([
    ["no list", undefined, "checkpoint-invalid", "no graph model"],
    ["no name", [{ weights: [{ shape: [1], dtype: "float32" }] }], "checkpoint-invalid", "without a name"],
    ["too few bytes", [{ weights: weights.slice(0, 2) }], "checkpoint-invalid", "120 bytes"],
    [
      "quantized weights",
      [{ weights: [{ ...weights[0], quantization: { dtype: "uint8" } }] }],
      "checkpoint-unsupported",
      "quantized",
    ],
    ["another type", [{ weights: [{ ...weights[0], dtype: "string" }] }], "checkpoint-unsupported", "string"],
  ])("are refused with %s", (_, list, code, message) => {
    expect(() => open(list)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
