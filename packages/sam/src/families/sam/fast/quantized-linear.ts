/**
 * Linear layers in eight-bit arithmetic, about four times as fast as fp32 on processors with the instructions
 * for it.
 */
import type { GraphBuilder, Value, WeightLoader } from "@segany/graph";
import { dynamicQuantizeMatMul } from "@segany/graph/ops";

/** The weights of a layer: constants are made from them when the graph is written. */
export interface LayerWeights {
  /** Initialisers are named after it. */
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
  /** Row-major [outputs, inputs], as PyTorch has it. */
  readonly values: (load: WeightLoader) => Promise<Float32Array>;
}

/**
 * A matrix as whole numbers from -127 to 127, each column with a scale of its own: value ≈ number · scale.
 */
export interface QuantizedMatrix {
  /** [inputs, outputs]. */
  readonly numbers: Int8Array;
  /** [outputs]. */
  readonly scales: Float32Array;
}

/**
 * x · weightsᵀ + bias on rows [N, inputs]. Weights are signed and symmetric, as the fastest kernel on x64
 * wants them beside unsigned activations; the activations' scale and zero point are found for the whole
 * matrix as it comes.
 */
export function quantizedLinear(
  g: GraphBuilder,
  x: Value,
  { name, outputs, inputs, values }: LayerWeights,
  bias: Value | undefined,
): Value {
  const quantized = async (load: WeightLoader) => quantizeTransposed(await values(load), outputs);
  const numbers = async (load: WeightLoader) => (await quantized(load)).numbers;
  const weight = g.computed(`${name}.int8`, [inputs, outputs], numbers, "int8");
  const scale = g.computed(`${name}.scales`, [outputs], async (load) => (await quantized(load)).scales);
  return dynamicQuantizeMatMul(g, x, weight, scale, undefined, bias);
}

/** Rounds [outputs, inputs] to eight bits, with a scale for each output, and transposes it. */
export function quantizeTransposed(values: Float32Array, outputs: number): QuantizedMatrix {
  const inputs = values.length / outputs;
  const numbers = new Int8Array(values.length);
  const scales = new Float32Array(outputs);
  for (let row = 0; row < outputs; row++) {
    const weights = values.subarray(row * inputs, (row + 1) * inputs);
    const largest = weights.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
    const scale = Math.fround(largest / 127) || 1; // an output without weights has no use for it
    scales[row] = scale;
    for (let i = 0; i < inputs; i++) numbers[i * outputs + row] = Math.round(weights[i]! / scale);
  }
  return { numbers, scales };
}
