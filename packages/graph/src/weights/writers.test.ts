import { crc32 as crc32OfNode } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "./byte-source.js";
import { crc32 } from "./crc32.js";
import { dtypeSizes } from "./dtype.js";
import { openStateDict } from "./open-state-dict.js";
import { elementCount, type StoredTensor } from "./stored-tensor.js";
import type { ByteSink, TensorToWrite, WritableDtype } from "./tensor-to-write.js";
import { writeSafetensors } from "./write-safetensors.js";
import { writeTorchZip } from "./write-torch-zip.js";
import { joinBytes } from "./write-zip.js";

type Writer = (tensors: readonly TensorToWrite[], sink: ByteSink) => Promise<void>;

const WRITERS: readonly (readonly [format: string, write: Writer, alignment: number])[] = [
  ["PyTorch's zip", writeTorchZip, 64],
  ["safetensors", (tensors, sink) => writeSafetensors(tensors, sink), 1],
];

async function encode(write: Writer, tensors: readonly TensorToWrite[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await write(tensors, async (bytes) => void parts.push(new Uint8Array(bytes)));
  return joinBytes(parts);
}

const open = (bytes: Uint8Array) => openStateDict(memoryByteSource(bytes), { name: "written", sha256: "00" });

const tensor = (
  key: string,
  values: readonly number[],
  dtype?: WritableDtype,
  shape = [values.length],
): TensorToWrite => ({ key, shape, ...(dtype && { dtype }), values: () => Float32Array.from(values) });

/** Whole numbers of each type, up to its limits or those up to which float32 counts. */
const LIMITS: Readonly<Record<Exclude<WritableDtype, "float32">, readonly [number, number]>> = {
  int64: [-16_777_216, 16_777_216],
  int32: [-16_777_216, 16_777_216],
  int16: [-32_768, 32_767],
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
};

/** Any tensor of any type, with a name that is none of an object's own. */
const anyTensor = fc
  .record({
    key: fc.string().filter((key) => key !== "__metadata__" && key !== "__proto__" && !/^\d+$/.test(key)),
    dtype: fc.constantFrom<WritableDtype>("float32", "int64", "int32", "int16", "int8", "uint8", "bool"),
    shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
    seed: fc.integer(),
  })
  .map(({ key, dtype, shape, seed }): TensorToWrite => {
    const [least, most] = dtype === "float32" ? [0, 0] : LIMITS[dtype];
    const values = Float32Array.from({ length: elementCount(shape) }, (_, i) => {
      const word = Math.imul(seed + i, 2_654_435_761) >>> 0;
      return dtype === "float32" ? word / 2 ** 31 - 1 : least + (word % (most - least + 1));
    });
    return { key, dtype, shape, values: () => values };
  });

describe.each(WRITERS)("a state dict written as %s", (_, write, alignment) => {
  it("is read back with the same names, order, types, shapes and values", async () => {
    const sets = fc.uniqueArray(anyTensor, { selector: ({ key }) => key, minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sets, async (tensors) => {
        const bytes = await encode(write, tensors);
        const state = await open(bytes);
        expect([...state.tensors.keys()]).toEqual(tensors.map(({ key }) => key));
        for (const { key, dtype = "float32", shape, values } of tensors) {
          const found = state.tensors.get(key) as StoredTensor;
          expect([found.dtype, found.shape]).toEqual([dtype, shape]);
          expect(await state.load(key)).toEqual(values());
          expect(found.fileOffset % Math.max(alignment, dtypeSizes[dtype])).toBe(0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("keeps every bit of a float32", async () => {
    const words = Uint32Array.of(0x7fc00001, 0xff800000, 0x00000001, 0x80000000, 0x3f800001);
    const values = new Float32Array(words.buffer);
    const state = await open(await encode(write, [{ key: "w", shape: [5], values: () => values }]));
    const read = await state.load("w");
    expect([...new Uint32Array(read.buffer, read.byteOffset, 5)]).toEqual([...words]);
  });

  it("asks for one tensor after another, and waits for the one before to be taken", async () => {
    const log: string[] = [];
    const tensors = ["a", "b"].map((key) => ({
      key,
      shape: [1],
      values: async () => {
        log.push(`load ${key}`);
        return Float32Array.of(log.length);
      },
    }));
    await write(tensors, async (bytes) => {
      await Promise.resolve();
      if (bytes.length === 4) log.push("written");
    });
    expect(log).toEqual(["load a", "written", "load b", "written"]);
  });

  it.each<[string, readonly TensorToWrite[], string]>([
    ["two tensors of one name", [tensor("w", [1]), tensor("w", [2])], "checkpoint-invalid"],
    ["values that don't fit the shape", [tensor("w", [1, 2], "float32", [3])], "checkpoint-invalid"],
    ["a fraction as a whole number", [tensor("w", [0.5], "int64")], "checkpoint-unsupported"],
    ["no number as a whole number", [tensor("w", [Number.NaN], "int32")], "checkpoint-unsupported"],
    ["a count beyond float32's", [tensor("w", [2 ** 24 + 2], "int64")], "checkpoint-unsupported"],
    ["a byte of 256", [tensor("w", [256], "uint8")], "checkpoint-unsupported"],
    ["a bool of 2", [tensor("w", [2], "bool")], "checkpoint-unsupported"],
  ])("refuses %s", async (_what, tensors, code) => {
    await expect(encode(write, tensors)).rejects.toMatchObject({ code });
  });

  it("fails with the error of the sink", async () => {
    const full = new Error("full");
    await expect(write([tensor("w", [1])], () => Promise.reject(full))).rejects.toBe(full);
  });
});

it("writes the same zip for the same tensors", async () => {
  const tensors = [tensor("w", [1, 2, 3]), tensor("n", [7], "int64", [])];
  expect(await encode(writeTorchZip, tensors)).toEqual(await encode(writeTorchZip, tensors));
});

it("computes the CRC-32 of zip archives", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === crc32OfNode(bytes)));
});
