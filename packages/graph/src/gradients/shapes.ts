import { SamError } from "@segany/masks";
import type { GraphBuilder } from "../builder.js";
import { reduceSum } from "../ops/linear.js";
import { expand, reshape, reshapeTo, shapeOf } from "../ops/shaping.js";
import type { Dim, Value } from "../types.js";

/**
 * Sums a gradient over the axes along which a value of the given shape was broadcast: what reaches each of
 * its elements.
 */
export function sumTo(g: GraphBuilder, gradient: Value, shape: readonly Dim[]): Value {
  const extra = gradient.shape.length - shape.length;
  const repeated = gradient.shape.flatMap((dim, i) =>
    i >= extra && shape[i - extra] === 1 && dim !== 1 ? [i] : [],
  );
  const summed = repeated.length > 0 ? reduceSum(g, gradient, repeated) : gradient;
  if (extra === 0) return summed;
  return reduceSum(
    g,
    summed,
    Array.from({ length: extra }, (_, i) => i),
    false,
  );
}

/** A gradient in the shape of `like`, which has the same elements. */
export function reshapeLike(g: GraphBuilder, gradient: Value, like: Value): Value {
  const unknown = like.shape.filter((dim) => typeof dim === "string");
  if (unknown.length <= 1) return reshape(g, gradient, like.shape);
  return reshapeTo(g, gradient, shapeOf(g, like), like.shape);
}

/** A gradient repeated to the shape of `like`. */
export function expandLike(g: GraphBuilder, gradient: Value, like: Value): Value {
  return expand(g, gradient, shapeOf(g, like), like.shape);
}

/** Zeros in the shape of `like`. */
export function zerosLike(g: GraphBuilder, like: Value): Value {
  return expandLike(g, g.scalar(0), like);
}

/**
 * Integers that a node takes as an input.
 *
 * @throws SamError `graph-invalid` for those that are only known when the graph runs
 */
export function constantInts(g: GraphBuilder, value: Value | undefined, what: string): number[] {
  const data = value && g.inlineData(value);
  if (data instanceof BigInt64Array) return Array.from(data, Number);
  throw new SamError("graph-invalid", `The gradient of ${what} needs constants, not ${value?.name}.`);
}
