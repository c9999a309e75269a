import { SamError } from "@segany/masks";
import { show } from "./shape.js";
import type { GraphDtype, Initializer, TensorData, Value, WeightLoader } from "./types.js";
import type { ValueTable } from "./value-table.js";

/** Shapes of the checkpoint's tensors, by their original keys. */
export type WeightShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/**
 * The initializers of one graph: tensors of the checkpoint, values computed from them, and inline constants.
 */
export function createConstants({ declare, number }: ValueTable, weights: WeightShapes) {
  const initializers = new Map<string, Initializer>();
  const constants = new Map<string, Value>();

  function add(initializer: Initializer): Value {
    initializers.set(initializer.name, declare(initializer));
    return initializer;
  }

  function constant(data: TensorData, shape: readonly number[]): Value {
    checkCount(data, shape);
    const source = { kind: "inline", data } as const;
    return add({ name: number("constant"), dtype: dtypeOf(data), shape, source });
  }

  /** Small constants (shapes, axes, scalars) repeat all over a graph: one initializer serves for all. */
  function shared(key: string, make: () => Value): Value {
    const found = constants.get(key) ?? make();
    constants.set(key, found);
    return found;
  }

  return {
    /** In the order in which they were asked for. */
    all: () => [...initializers.values()],
    weight(key: string): Value {
      const found = initializers.get(key);
      if (found) return found;
      const shape = shapeOf(weights, key);
      return add({ name: key, dtype: "float32", shape, source: { kind: "weight", key } });
    },
    weightShape: (key: string) => shapeOf(weights, key),
    hasWeight: (key: string) => weights.has(key),
    computed(
      name: string,
      shape: readonly number[],
      compute: (load: WeightLoader) => Promise<TensorData>,
      dtype: GraphDtype = "float32",
    ): Value {
      return add({ name, dtype, shape, source: { kind: "computed", compute } });
    },
    constant,
    inlineData(value: Value): TensorData | undefined {
      const source = initializers.get(value.name)?.source;
      return source?.kind === "inline" ? source.data : undefined;
    },
    sharedConstant: (
      key: string,
      make: () => { readonly data: TensorData; readonly shape: readonly number[] },
    ) =>
      shared(`c${key}`, () => {
        const { data, shape } = make();
        return constant(data, shape);
      }),
    scalar: (value: number) => shared(`f${value}`, () => constant(Float32Array.of(value), [])),
    ints: (list: readonly number[]) =>
      shared(`i${list.join()}`, () => constant(BigInt64Array.from(list, BigInt), [list.length])),
  };
}

function shapeOf(weights: WeightShapes, key: string): readonly number[] {
  const info = weights.get(key);
  if (info) return info.shape;
  throw new SamError("checkpoint-invalid", `The checkpoint has no tensor "${key}", which this model needs.`);
}

function checkCount(data: TensorData, shape: readonly number[]): void {
  const count = shape.reduce((a, b) => a * b, 1);
  if (count === data.length) return;
  throw new SamError(
    "graph-invalid",
    `A constant of shape ${show(shape)} cannot hold ${data.length} values.`,
  );
}

function dtypeOf(data: TensorData): GraphDtype {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Int8Array) return "int8";
  return data instanceof Uint16Array ? "float16" : "uint8";
}
