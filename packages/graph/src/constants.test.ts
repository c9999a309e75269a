import { expect, it } from "vitest";
import { createConstants } from "./constants.js";
import { createValueTable } from "./value-table.js";

const weights = new Map([["layer.weight", { shape: [4, 2] }]]);
const start = () => createConstants(createValueTable("test"), weights);

it("takes a tensor of the checkpoint once, under its key and shape", () => {
  const constants = start();
  const weight = constants.weight("layer.weight");
  expect(constants.weight("layer.weight")).toBe(weight);
  expect(constants.all()).toEqual([
    {
      name: "layer.weight",
      dtype: "float32",
      shape: [4, 2],
      source: { kind: "weight", key: "layer.weight" },
    },
  ]);
});

it("tells a tensor's shape without taking it, and names one that is missing", () => {
  const constants = start();
  expect(constants.weightShape("layer.weight")).toEqual([4, 2]);
  expect([constants.hasWeight("layer.weight"), constants.hasWeight("bias")]).toEqual([true, false]);
  expect(constants.all()).toEqual([]);
  const missing = expect.objectContaining({
    code: "checkpoint-invalid",
    message: expect.stringContaining("bias"),
  });
  expect(() => constants.weightShape("bias")).toThrow(missing);
  expect(() => constants.weight("bias")).toThrow(missing);
});

it("makes equal scalars, vectors and shared constants once, and keeps those of different kinds apart", () => {
  const constants = start();
  let made = 0;
  const make = () => ({ data: Float32Array.of(++made), shape: [1] });
  const some = [
    constants.scalar(1),
    constants.ints([1]),
    constants.sharedConstant("1", make),
    constants.scalar(2),
    constants.ints([1, 2]),
    constants.sharedConstant("2", make),
  ];
  const again = [
    constants.scalar(1),
    constants.ints([1]),
    constants.sharedConstant("1", make),
    constants.scalar(2),
    constants.ints([1, 2]),
    constants.sharedConstant("2", make),
  ];
  again.forEach((value, i) => {
    expect(value).toBe(some[i]);
  });
  expect(new Set(some).size).toBe(6);
  expect(made).toBe(2);
  expect(constants.all()).toHaveLength(6);
});

it("tells the type of a constant by its values, and refuses a shape that they don't fill", () => {
  const constants = start();
  const dtypes = [
    new Float32Array(2),
    new BigInt64Array(2),
    new Int32Array(2),
    new Int8Array(2),
    new Uint16Array(2),
    new Uint8Array(2),
  ].map((data) => constants.constant(data, [1, 2]).dtype);
  expect(dtypes).toEqual(["float32", "int64", "int32", "int8", "float16", "uint8"]);
  expect(() => constants.constant(new Float32Array(2), [3])).toThrow(
    expect.objectContaining({ code: "graph-invalid" }),
  );
  expect(constants.all()).toHaveLength(6);
});
