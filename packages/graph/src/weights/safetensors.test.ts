import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "./byte-source.js";
import { encodeSafetensors, readSafetensorsIndex } from "./safetensors.js";
import { loadStoredTensor } from "./stored-tensor.js";

/** A file of this header and so many bytes of values. */
function file(header: unknown, dataSize: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataSize);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const read = (bytes: Uint8Array) => readSafetensorsIndex(memoryByteSource(bytes));

describe("reading", () => {
  it("finds a tensor's values behind the header", async () => {
    const bytes = file(
      { x: { dtype: "F32", shape: [2], data_offsets: [0, 8] }, __metadata__: { a: "b" } },
      8,
    );
    bytes.set(new Uint8Array(Float32Array.of(3, 4).buffer), bytes.length - 8);
    const { tensors, metadata } = await read(bytes);
    expect(metadata).toEqual({ a: "b" });
    expect([...(await loadStoredTensor(memoryByteSource(bytes), tensors.get("x")!, "x"))]).toEqual([3, 4]);
  });

  const f32 = (begin: number, end: number, shape = [2]) => ({
    dtype: "F32",
    shape,
    data_offsets: [begin, end],
  });
  const refusals: [what: string, bytes: Uint8Array, code: string][] = [
    ["a header longer than the file", new Uint8Array([255, 0, 0, 0, 0, 0, 0, 0, 123]), "checkpoint-invalid"],
    ["a header of 2^60 bytes", new Uint8Array([0, 0, 0, 0, 0, 0, 0, 16, 123]), "checkpoint-invalid"],
    ["a header that is no JSON", file("{nope", 0), "checkpoint-invalid"],
    ["a header that is a list", file([], 0), "checkpoint-invalid"],
    ["a range that does not fit the shape", file({ x: f32(0, 12) }, 12), "checkpoint-invalid"],
    ["a range beyond the file", file({ x: f32(8, 16) }, 8), "checkpoint-invalid"],
    ["a negative range", file({ x: f32(-8, 0) }, 8), "checkpoint-invalid"],
    ["a fractional shape", file({ x: f32(0, 8, [0.5, 4]) }, 8), "checkpoint-invalid"],
    ["a shape that overflows", file({ x: f32(0, 8, [2 ** 50, 2 ** 50]) }, 8), "checkpoint-invalid"],
    ["overlapping tensors", file({ x: f32(0, 8), y: f32(4, 12) }, 12), "checkpoint-invalid"],
    ["two tensors in one range", file({ x: f32(0, 8), y: f32(0, 8) }, 8), "checkpoint-invalid"],
    ["metadata that is no text", file({ __metadata__: { a: 1 } }, 0), "checkpoint-invalid"],
    ["8-bit floats", file({ x: { ...f32(0, 2), dtype: "F8_E4M3" } }, 2), "checkpoint-unsupported"],
  ];
  for (const [what, bytes, code] of refusals) {
    it(`refuses ${what}`, async () => {
      await expect(read(bytes)).rejects.toMatchObject({ code });
    });
  }
});

describe("writing", () => {
  it("lays out the header as the format says, aligned to 8 bytes", () => {
    const bytes = encodeSafetensors({ x: { shape: [1], data: Float32Array.of(1) } }, { a: "b" });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
      __metadata__: { a: "b" },
      x: { dtype: "F32", shape: [1], data_offsets: [0, 4] },
    });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it("is read back equal, with every tensor aligned", async () => {
    const data = fc.oneof(fc.float32Array({ noNaN: true, maxLength: 9 }), fc.uint8Array({ maxLength: 9 }));
    const names = fc.string().filter((name) => name !== "__metadata__" && name !== "__proto__");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, data), async (values) => {
        const inputs = Object.fromEntries(
          Object.entries(values).map(([k, v]) => [k, { shape: [v.length], data: v }]),
        );
        const bytes = encodeSafetensors(inputs);
        const { tensors } = await read(bytes);
        expect([...tensors.keys()].sort()).toEqual(Object.keys(values).sort());
        for (const [name, tensor] of tensors) {
          expect(tensor.fileOffset % values[name]!.BYTES_PER_ELEMENT).toBe(0);
          expect([...(await loadStoredTensor(memoryByteSource(bytes), tensor, name))]).toEqual([
            ...values[name]!,
          ]);
        }
      }),
    );
  });
});
