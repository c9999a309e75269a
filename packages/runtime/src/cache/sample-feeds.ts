import { type Dim, elementCount, type GraphDtype, type TensorData, type Value } from "@segany/graph";
import type { RunTensor } from "../sessions/types.js";

/** Reproducible values for a graph's inputs; extents that it leaves open are 1, and whole numbers are 0. */
export function sampleFeeds(inputs: readonly Value[]): Record<string, RunTensor> {
  return Object.fromEntries(
    inputs.map(({ name, dtype, shape }) => {
      const known = shape.map(extentOfOne);
      const count = known.reduce((product, extent) => product * extent, 1);
      return [name, { dtype, shape: known, data: sampleData(dtype, count) }];
    }),
  );
}

function extentOfOne(dim: Dim): number {
  const names = typeof dim === "string" ? (dim.match(/[a-z_]\w*/gi) ?? []) : [];
  return elementCount([dim], Object.fromEntries(names.map((name) => [name, 1])));
}

const ARRAYS = {
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
};

function sampleData(dtype: GraphDtype, count: number): TensorData {
  if (dtype !== "float32") return new ARRAYS[dtype](count);
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    return state / 2 ** 31 - 1;
  });
}
