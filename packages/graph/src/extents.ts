/** Numbers for extents that a graph leaves open. */
import { SamError } from "@segany/masks";
import type { Dim } from "./types.js";

/** What symbolic extents stand for, such as { B: 8, N: 2 }. */
export type Extents = Readonly<Record<string, number>>;

/**
 * The number that an extent stands for: "N+5", "7*B" and "4*N+20*B" are read as sums of products.
 *
 * @throws SamError `graph-invalid` for a name without a number
 */
export function extentOf(dim: Dim, extents: Extents): number {
  if (typeof dim === "number") return dim;
  const whole = extents[dim];
  if (whole !== undefined) return whole;
  return dim
    .split("+")
    .map((term) => term.split("*").reduce((product, factor) => product * factorOf(factor, extents), 1))
    .reduce((total, term) => total + term, 0);
}

/**
 * Elements of a tensor.
 *
 * @example
 * console.log(elementCount(["B", 256, 64, 64], { B: 2 })); // 2097152
 */
export function elementCount(shape: readonly Dim[], extents: Extents): number {
  return shape.reduce<number>((count, dim) => count * extentOf(dim, extents), 1);
}

function factorOf(factor: string, extents: Extents): number {
  const found = extents[factor] ?? Number(factor);
  if (Number.isFinite(found)) return found;
  throw new SamError("graph-invalid", `The extent "${factor}" stands for no number; name one.`);
}
