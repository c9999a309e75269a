/** For tests: operators that move, choose or repeat elements, by their definition. */
import { normalizeAxis } from "../shape.js";
import { attribute, type Evaluate, ints, sumOf } from "./evaluate-node.js";
import { at, broadcastMap, count, fill, indexOf, type Tensor } from "./float64-tensor.js";

/** Axes in another order. */
export function transposed(x: Tensor, perm: readonly number[]): Tensor {
  const shape = perm.map((axis) => x.shape[axis]!);
  return fill(shape, (i) => {
    const place = at(shape, i);
    return x.data[
      indexOf(
        x.shape,
        x.shape.map((_, axis) => place[perm.indexOf(axis)]!),
      )
    ]!;
  });
}

/** A tensor of the given shape, each element from a place in `x`, or zero where there is none. */
function pick(x: Tensor, shape: readonly number[], from: (place: number[]) => number[]): Tensor {
  return fill(shape, (i) => {
    const place = from(at(shape, i));
    return place.every((index, axis) => index >= 0 && index < x.shape[axis]!)
      ? x.data[indexOf(x.shape, place)]!
      : 0;
  });
}

const slice: Evaluate = ([x, starts, ends, axes, steps]) => {
  const begin = x!.shape.map(() => 0);
  const step = x!.shape.map(() => 1);
  const shape = [...x!.shape];
  ints(axes).forEach((named, i) => {
    const axis = normalizeAxis(named, shape.length);
    const extent = x!.shape[axis]!;
    step[axis] = steps?.data[i] ?? 1;
    const [low, high] = step[axis]! > 0 ? [0, extent] : [-1, extent - 1];
    const clamp = (value: number) => Math.min(Math.max(value < 0 ? value + extent : value, low), high);
    begin[axis] = clamp(starts!.data[i]!);
    shape[axis] = Math.max(0, Math.ceil((clamp(ends!.data[i]!) - begin[axis]!) / step[axis]!));
  });
  return pick(x!, shape, (place) => place.map((index, axis) => begin[axis]! + index * step[axis]!));
};

const pad: Evaluate = ([x, pads]) => {
  const rank = x!.shape.length;
  const shape = x!.shape.map((dim, i) => dim + pads!.data[i]! + pads!.data[i + rank]!);
  return pick(x!, shape, (place) => place.map((index, axis) => index - pads!.data[axis]!));
};

function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0]!;
  const shape = first.shape.map((dim, i) => (i === axis ? sumOf(parts.map((part) => part.shape[i]!)) : dim));
  return fill(shape, (i) => {
    const place = at(shape, i);
    for (const part of parts) {
      if (place[axis]! < part.shape[axis]!) return part.data[indexOf(part.shape, place)]!;
      place[axis]! -= part.shape[axis]!;
    }
    throw new Error("There is no such element.");
  });
}

const split: Evaluate = ([x, sizes], node) => {
  const axis = normalizeAxis(attribute(node, "axis", "int")!, x!.shape.length);
  let start = 0;
  return ints(sizes).map((size) => {
    const begin = start;
    start += size;
    const shape = x!.shape.map((dim, i) => (i === axis ? size : dim));
    return pick(x!, shape, (place) => place.map((index, i) => (i === axis ? index + begin : index)));
  });
};

const gather: Evaluate = ([x, indices], node) => {
  const axis = normalizeAxis(attribute(node, "axis", "int") ?? 0, x!.shape.length);
  const many = indices!.shape.length;
  const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
  return pick(x!, shape, (place) => [
    ...place.slice(0, axis),
    indices!.data[indexOf(indices!.shape, place.slice(axis, axis + many))]!,
    ...place.slice(axis + many),
  ]);
};

const scatter: Evaluate = ([zeros, indices, rows]) => {
  const data = zeros!.data.slice();
  const width = count(zeros!.shape.slice(1));
  rows!.data.forEach((value, i) => {
    data[indices!.data[Math.floor(i / width)]! * width + (i % width)]! += value;
  });
  return { shape: zeros!.shape, data };
};

const reshape: Evaluate = ([x, target]) => {
  const shape = ints(target).map((dim, i) => (dim === 0 ? x!.shape[i]! : dim));
  const known = -count(shape);
  return { shape: shape.map((dim) => (dim === -1 ? x!.data.length / known : dim)), data: x!.data };
};

const unsqueeze: Evaluate = ([x, axes]) => {
  const rank = x!.shape.length + axes!.data.length;
  const places = ints(axes).map((axis) => normalizeAxis(axis, rank));
  const rest = [...x!.shape];
  return {
    shape: Array.from({ length: rank }, (_, i) => (places.includes(i) ? 1 : rest.shift()!)),
    data: x!.data,
  };
};

const squeeze: Evaluate = ([x, axes]) => {
  const places = ints(axes).map((axis) => normalizeAxis(axis, x!.shape.length));
  return { shape: x!.shape.filter((_, i) => !places.includes(i)), data: x!.data };
};

const expand: Evaluate = ([x, shape]) => broadcastMap([x!, fill(ints(shape), () => 0)], ([value]) => value!);

export const SHAPING: Readonly<Record<string, Evaluate>> = {
  Reshape: reshape,
  Transpose: ([x], node) => transposed(x!, attribute(node, "perm", "ints")!),
  Concat: (parts, node) =>
    concat(parts, normalizeAxis(attribute(node, "axis", "int")!, parts[0]!.shape.length)),
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  ScatterND: scatter,
  Expand: expand,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Shape: ([x]) => ({ shape: [x!.shape.length], data: Float64Array.from(x!.shape) }),
};
