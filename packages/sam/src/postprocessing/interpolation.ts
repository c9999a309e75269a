/**
 * The two inputs of each output position in a one-dimensional linear interpolation, and their weights. Scale
 * and weights are rounded to float32, positions are not, like in PyTorch 1.13 on a CPU.
 */
export interface LinearTaps {
  /** Positions in the input, one per output position. */
  readonly index0: Int32Array;
  readonly index1: Int32Array;
  /** Weights of the neighbours; each pair sums to 1 up to one float32 rounding. */
  readonly weight0: Float32Array;
  readonly weight1: Float32Array;
}

/**
 * Computes the taps of `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` along one
 * axis.
 *
 * @param inputLength samples in the input
 * @param outputLength samples in the whole output, which sets the scale
 * @param count number of first output samples to compute (the rest is cropped)
 */
export function linearTaps(inputLength: number, outputLength: number, count = outputLength): LinearTaps {
  const taps = {
    index0: new Int32Array(count),
    index1: new Int32Array(count),
    weight0: new Float32Array(count),
    weight1: new Float32Array(count),
  };
  const { fround, max, min } = Math;
  const scale = fround(inputLength / outputLength);
  const last = inputLength - 1;
  for (let i = 0; i < count; i++) {
    const position = max(0, scale * (i + 0.5) - 0.5);
    const index0 = min(Math.trunc(position), last);
    const weight1 = fround(min(max(position - index0, 0), 1));
    taps.index0[i] = index0;
    taps.index1[i] = min(index0 + 1, last);
    taps.weight0[i] = 1 - weight1;
    taps.weight1[i] = weight1;
  }
  return taps;
}

/**
 * Three adjacent inputs and their weights for each output position of two consecutive linear interpolations.
 */
export interface ComposedTaps {
  /** First of the three input positions, one per output position; never decreases along the axis. */
  readonly base: Int32Array;
  /** Three weights per output position, in float64: no rounding beyond that of the parts. */
  readonly weights: Float64Array;
}

/**
 * Composes two interpolations along one axis. Adjacent samples of a first step that does not shrink its input
 * read at most three adjacent inputs, and the second step reads only two adjacent samples: three inputs are
 * always enough, however much the second step shrinks.
 *
 * @param inputLength samples in the first step's input, at least 3
 */
export function composeTaps(first: LinearTaps, second: LinearTaps, inputLength: number): ComposedTaps {
  const count = second.index0.length;
  const base = new Int32Array(count);
  const weights = new Float64Array(count * 3);
  for (let i = 0; i < count; i++) {
    const [near, far] = [second.index0[i]!, second.index1[i]!];
    const start = Math.min(first.index0[near]!, inputLength - 3);
    base[i] = start;
    addTaps(weights, i * 3 - start, first, near, second.weight0[i]!);
    addTaps(weights, i * 3 - start, first, far, second.weight1[i]!);
  }
  return { base, weights };
}

function addTaps(
  weights: Float64Array,
  offset: number,
  taps: LinearTaps,
  index: number,
  weight: number,
): void {
  weights[offset + taps.index0[index]!]! += weight * taps.weight0[index]!;
  weights[offset + taps.index1[index]!]! += weight * taps.weight1[index]!;
}
