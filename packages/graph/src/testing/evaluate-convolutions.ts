/** For tests: convolutions by their definition. */
import type { GraphNode } from "../types.js";
import { at, fill, indexOf, type Tensor } from "./float64-tensor.js";

function sizes(node: GraphNode) {
  const list = (name: string, otherwise: readonly number[]) => {
    const attribute = node.attributes[name];
    return attribute?.kind === "ints" ? attribute.value : otherwise;
  };
  const group = node.attributes.group;
  return {
    stride: list("strides", [1, 1])[0]!,
    padding: list("pads", [0, 0, 0, 0])[0]!,
    left: list("output_padding", [0, 0]),
    groups: group?.kind === "int" ? group.value : 1,
  };
}

function conv([x, weight, bias]: readonly Tensor[], node: GraphNode): Tensor {
  const { stride, padding, groups } = sizes(node);
  const [batch, , height, width] = x!.shape as [number, number, number, number];
  const [out, perGroup, kernel] = weight!.shape as [number, number, number];
  const extent = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const shape = [batch, out, extent(height), extent(width)];
  return fill(shape, (i) => {
    const [b, o, row, column] = at(shape, i) as [number, number, number, number];
    let sum = bias?.data[o] ?? 0;
    weight!.data
      .subarray(o * perGroup * kernel * kernel, (o + 1) * perGroup * kernel * kernel)
      .forEach((w, j) => {
        const [c, y, z] = at([perGroup, kernel, kernel], j) as [number, number, number];
        const channel = Math.floor(o / (out / groups)) * perGroup + c;
        const [inRow, inColumn] = [row * stride + y - padding, column * stride + z - padding];
        if (inRow < 0 || inColumn < 0 || inRow >= height || inColumn >= width) return;
        sum += w * x!.data[indexOf(x!.shape, [b, channel, inRow, inColumn])]!;
      });
    return sum;
  });
}

/** Spreads every element of x over a window of the result. */
function convTranspose([x, weight, bias]: readonly Tensor[], node: GraphNode): Tensor {
  const { stride, padding, groups, left } = sizes(node);
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const [, perGroup, kernel] = weight!.shape as [number, number, number];
  const extent = (size: number, extra: number) => (size - 1) * stride - 2 * padding + kernel + extra;
  const shape = [batch, perGroup * groups, extent(height, left[0]!), extent(width, left[1]!)];
  const result = fill(shape, (i) => bias?.data[at(shape, i)[1]!] ?? 0);
  x!.data.forEach((value, i) => {
    const [b, c, row, column] = at(x!.shape, i) as [number, number, number, number];
    const group = Math.floor(c / (channels / groups));
    for (let j = 0; j < perGroup * kernel * kernel; j++) {
      const [o, y, z] = at([perGroup, kernel, kernel], j) as [number, number, number];
      const [outRow, outColumn] = [row * stride + y - padding, column * stride + z - padding];
      if (outRow < 0 || outColumn < 0 || outRow >= shape[2]! || outColumn >= shape[3]!) continue;
      const place = indexOf(shape, [b, group * perGroup + o, outRow, outColumn]);
      result.data[place]! += value * weight!.data[indexOf(weight!.shape, [c, o, y, z])]!;
    }
  });
  return result;
}

export const CONVOLUTIONS = { Conv: conv, ConvTranspose: convTranspose };
