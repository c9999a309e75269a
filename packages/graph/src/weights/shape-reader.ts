import { invalidCheckpoint } from "./invalid.js";
import type { TensorInfo } from "./types.js";

/**
 * Reads architecture numbers off tensor shapes, refusing what is missing or contradicts what was read before.
 */
export interface ShapeReader {
  has(key: string): boolean;
  /**
   * The shape of a tensor, checked against what is known: a number must be equal, `null` may be anything
   * above 0.
   *
   * @throws SamError `checkpoint-invalid` naming the key
   */
  shape<const Expected extends readonly (number | null)[]>(
    key: string,
    expected: Expected,
  ): { readonly [Axis in keyof Expected]: number };
  /**
   * How many parts `<prefix>0`, `<prefix>1`, … there are without a gap, counted by keys that begin so and
   * with a dot.
   */
  count(prefix: string): number;
}

/**
 * A reader over the tensors of a state dict under the key names that the reader of the model knows.
 *
 * @example
 * const shapes = createShapeReader(new Map([["bias", { dtype: "float32" as const, shape: [2] }]]));
 * console.log(shapes.shape("bias", [null])); // [ 2 ]
 */
export function createShapeReader(tensors: ReadonlyMap<string, TensorInfo>): ShapeReader {
  const keys = [...tensors.keys()];
  return {
    has: (key) => tensors.has(key),
    shape<const Expected extends readonly (number | null)[]>(key: string, expected: Expected) {
      const shape = tensors.get(key)?.shape;
      if (!shape)
        throw invalidCheckpoint(`The checkpoint has no tensor "${key}", which every model of its kind has.`);
      const fits =
        shape.length === expected.length &&
        shape.every((size, axis) => (expected[axis] === null ? size > 0 : size === expected[axis]));
      if (fits) return shape as { readonly [Axis in keyof Expected]: number };
      const wanted = expected.map((size) => size ?? "any").join(", ");
      throw invalidCheckpoint(
        `The tensor "${key}" has shape [${shape.join(", ")}] where [${wanted}] would fit.`,
      );
    },
    count(prefix) {
      const numbers = new Set(
        keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length).split(".", 1)[0]),
      );
      let count = 0;
      while (numbers.has(String(count))) count++;
      return count;
    },
  };
}
