import { SamError } from "@segany/masks";
import type { Dim } from "./types.js";

/**
 * Product of extents; unknown ones stay as names: `product([7, "B"])` is "7*B".
 *
 * @example
 * console.log(product([2, 3]), product(["B", 7])); // 6 7*B
 */
export function product(dims: readonly Dim[]): Dim {
  let known = 1;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === "number") known *= dim;
    else names.push(dim);
  }
  if (names.length === 0 || known === 0) return known;
  return known === 1 ? names.join("*") : [known, ...names].join("*");
}

/** Sum of extents; unknown ones stay as names: `sum(["N", 5])` is "N+5". */
export function sum(dims: readonly Dim[]): Dim {
  let known = 0;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === "number") known += dim;
    else names.push(dim);
  }
  if (names.length === 0) return known;
  return known === 0 ? names.join("+") : [...names, known].join("+");
}

/** Shape of an element-wise operation's result by NumPy's broadcasting rule. */
export function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new SamError("graph-invalid", `Shapes ${show(a)} and ${show(b)} cannot be broadcast together.`);
  });
}

/** Turns a negative axis into its place from the front. */
export function normalizeAxis(axis: number, rank: number): number {
  const place = axis < 0 ? axis + rank : axis;
  if (place < 0 || place >= rank) {
    throw new SamError("graph-invalid", `Axis ${axis} does not exist in a tensor of rank ${rank}.`);
  }
  return place;
}

/** A known extent, or an error that says which operation needs to know it. */
export function known(dim: Dim | undefined, operation: string): number {
  if (typeof dim === "number") return dim;
  throw new SamError("graph-invalid", `${operation} needs a known extent, not ${dim ?? "none"}.`);
}

/** Writes a shape for messages: "[1, B, 256]". */
export function show(shape: readonly Dim[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * The constant that ONNX's Reshape takes for a wanted shape: 0 copies an extent that stands at the same place
 * in the input, and one unknown extent may be -1.
 */
export function reshapeTarget(from: readonly Dim[], to: readonly Dim[]): number[] {
  const target = to.map((dim, i) => (typeof dim === "number" ? dim : from[i] === dim ? 0 : -1));
  const inferred = target.filter((dim) => dim === -1).length;
  if (inferred > 1 || to.includes(0)) {
    throw new SamError("graph-invalid", `Reshape from ${show(from)} to ${show(to)} is ambiguous.`);
  }
  const [before, after] = [product(from), product(to)];
  if (typeof before === "number" && typeof after === "number" && before !== after) {
    throw new SamError(
      "graph-invalid",
      `Reshape from ${show(from)} to ${show(to)} changes the number of elements.`,
    );
  }
  return target;
}
