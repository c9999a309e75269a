/** Layers of the detector, with TensorFlow's padding and its ways to store a batch normalisation. */
import type { GraphBuilder, Value, WeightLoader } from "@segany/graph";
import { batchNormalization, type ConvOptions, conv2d, pad } from "@segany/graph/ops";

/** Epsilon of the heads' batch normalisation. */
const EPSILON = 1e-3;

/**
 * A convolution with TensorFlow's padding `SAME`: the result has ⌈side / stride⌉ places a side, and of an odd
 * number of zeros the last side gets one more.
 */
export function convolution(
  g: GraphBuilder,
  x: Value,
  kernel: Value,
  bias: Value | undefined,
  options: Pick<ConvOptions, "stride" | "groups"> = {},
): Value {
  const { stride = 1 } = options;
  const zeros = [2, 3].map((axis) => {
    const [side, size] = [x.shape[axis] as number, kernel.shape[axis] as number];
    return Math.max(0, (Math.ceil(side / stride) - 1) * stride + size - side);
  });
  const [first, last] = [zeros.map((all) => Math.floor(all / 2)), zeros.map((all) => Math.ceil(all / 2))];
  if (zeros.every((all, i) => all === 2 * first[0]! && zeros[i] === zeros[0]))
    return conv2d(g, x, kernel, bias, { ...options, padding: first[0]! });
  return conv2d(g, pad(g, x, [0, 0, ...first, 0, 0, ...last]), kernel, bias, options);
}

/**
 * A depthwise convolution and its batch normalisation, which the file has as a factor and a summand a
 * channel. The factor goes into the kernel.
 */
export function foldedDepthwise(g: GraphBuilder, x: Value, prefix: string, stride: number): Value {
  const [kernelKey, factorKey] = [`${prefix}/depthwise_weights`, `${prefix}/BatchNorm/batchnorm/mul`];
  const shape = g.weightShape(kernelKey); // Cx1xKxK
  const compute = async (load: WeightLoader): Promise<Float32Array> => {
    const [kernel, factors] = [await load(kernelKey), await load(factorKey)];
    const size = kernel.length / factors.length;
    return Float32Array.from(kernel, (value, i) => value * factors[Math.floor(i / size)]!);
  };
  const kernel = g.computed(`${prefix}/folded`, shape, compute);
  const bias = g.weight(`${prefix}/BatchNorm/batchnorm/sub`);
  return convolution(g, x, kernel, bias, { stride, groups: shape[0]! });
}

/** Batch normalisation by the four vectors that training has left. */
export function batchNorm(g: GraphBuilder, x: Value, prefix: string): Value {
  const part = (name: string) => g.weight(`${prefix}/BatchNorm/${name}`);
  return batchNormalization(
    g,
    x,
    part("gamma"),
    part("beta"),
    part("moving_mean"),
    part("moving_variance"),
    EPSILON,
  );
}
