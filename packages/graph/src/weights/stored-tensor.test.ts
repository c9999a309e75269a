import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "./byte-source.js";
import {
  checkStoredTensor,
  elementCount,
  gatherStrided,
  loadStoredTensor,
  rowMajorStrides,
  type StoredTensor,
} from "./stored-tensor.js";

const storage = Float32Array.from({ length: 24 }, (_, index) => index);
const bytes = new Uint8Array(storage.buffer);
const whole: StoredTensor = {
  dtype: "float32",
  shape: [4, 6],
  strides: [6, 1],
  storageOffset: 0,
  fileOffset: 0,
  storageNumel: 24,
};

describe("loading", () => {
  it("turns a transposed view to row-major order", async () => {
    const tensor = { ...whole, shape: [2, 3], strides: [1, 6], storageOffset: 1 };
    expect([...(await loadStoredTensor(memoryByteSource(bytes), tensor, "t"))]).toEqual([1, 7, 13, 2, 8, 14]);
  });

  it("repeats elements of stride 0", async () => {
    const tensor = { ...whole, shape: [2, 2], strides: [0, 1], storageOffset: 5 };
    expect([...(await loadStoredTensor(memoryByteSource(bytes), tensor, "t"))]).toEqual([5, 6, 5, 6]);
  });

  it("reads only the bytes between the first and the last element", async () => {
    const reads: [number, number][] = [];
    const source = memoryByteSource(bytes);
    const spy = {
      ...source,
      read(offset: number, length: number) {
        reads.push([offset, length]);
        return source.read(offset, length);
      },
    };
    await loadStoredTensor(spy, { ...whole, shape: [2, 2], strides: [6, 1], storageOffset: 7 }, "t");
    expect(reads).toEqual([[28, 32]]);
  });

  it("reads nothing for an empty tensor", async () => {
    expect(await loadStoredTensor(memoryByteSource(bytes), { ...whole, shape: [0, 6] }, "t")).toHaveLength(0);
  });
});

describe("strides", () => {
  it("of a dense tensor count the elements after each axis", () => {
    expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(rowMajorStrides([])).toEqual([]);
  });

  it("gather what indexing one by one gives, and never leave the checked extent", () => {
    const axis = fc.record({ size: fc.integer({ min: 0, max: 4 }), stride: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(fc.array(axis, { maxLength: 4 }), (axes) => {
        const shape = axes.map(({ size }) => size);
        const strides = axes.map(({ stride }) => stride);
        const storageNumel =
          1 + axes.reduce((sum, { size, stride }) => sum + Math.max(size - 1, 0) * stride, 0);
        checkStoredTensor("t", { dtype: "float32", shape, strides, storageOffset: 0, storageNumel });
        const values = Float32Array.from({ length: storageNumel }, (_, index) => index);
        const expected = Array.from({ length: elementCount(shape) }, (_, flat) =>
          rowMajorStrides(shape).reduce(
            (sum, step, i) => sum + (Math.floor(flat / step) % shape[i]!) * strides[i]!,
            0,
          ),
        );
        expect([...gatherStrided(values, shape, strides)]).toEqual(expected);
      }),
    );
  });
});
