/**
 * For tests: the ViT encoder as loops over numbers, written from Meta's description, and slow. It shares no
 * code with the graphs. Tokens are rows of C numbers, windows and images alike row-major.
 */
import type { VitArchitecture } from "../families/sam/architecture.js";

type Weights = (key: string) => Float32Array;
type Rows = Float64Array[];

/** Image 3xSxS to embedding outChannels x s x s, flat. */
export function scalarVit(image: Float32Array, a: VitArchitecture, load: Weights): Float64Array {
  const w: Weights = (key) => load(`image_encoder.${key}`);
  const side = a.imageSize / a.patchSize;
  let x: Rows = patches(image, a).map((patch, i) => {
    const token = affine(patch, w("patch_embed.proj.weight"), w("patch_embed.proj.bias"));
    return token.map((value, c) => value + w("pos_embed")[i * a.embedDim + c]!);
  });
  for (let i = 0; i < a.depth; i++) x = block(x, a, i, side, (key) => w(`blocks.${i}.${key}`));
  return neck(x, side, w);
}

function patches(image: Float32Array, { imageSize, patchSize }: VitArchitecture): Rows {
  const side = imageSize / patchSize;
  return Array.from({ length: side * side }, (_, token) => {
    const patch = new Float64Array(3 * patchSize * patchSize);
    let at = 0;
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < patchSize; y++) {
        for (let x = 0; x < patchSize; x++) {
          const [row, column] = [Math.floor(token / side) * patchSize + y, (token % side) * patchSize + x];
          patch[at++] = image[(c * imageSize + row) * imageSize + column]!;
        }
      }
    }
    return patch;
  });
}

function block(x: Rows, a: VitArchitecture, index: number, side: number, w: Weights): Rows {
  const normed = x.map((row) => normalise(row, w("norm1.weight"), w("norm1.bias")));
  const global = a.globalAttnIndexes.includes(index);
  const attended = global
    ? attention(normed, a.numHeads, side, w)
    : windowed(normed, side, a.windowSize, (tokens) => attention(tokens, a.numHeads, a.windowSize, w));
  const middle = x.map((row, i) => plus(row, attended[i]!));
  return middle.map((row) => {
    const normedRow = normalise(row, w("norm2.weight"), w("norm2.bias"));
    const hidden = affine(normedRow, w("mlp.lin1.weight"), w("mlp.lin1.bias")).map(
      (value) => 0.5 * value * (1 + erf(value / Math.SQRT2)),
    );
    return plus(row, affine(hidden, w("mlp.lin2.weight"), w("mlp.lin2.bias")));
  });
}

/** Applies `attend` to each window; tokens beyond the grid are zeros. */
function windowed(x: Rows, side: number, window: number, attend: (tokens: Rows) => Rows): Rows {
  const result: Rows = [];
  for (let top = 0; top < side; top += window) {
    for (let left = 0; left < side; left += window) {
      const places = Array.from({ length: window * window }, (_, i) => {
        const [row, column] = [top + Math.floor(i / window), left + (i % window)];
        return row < side && column < side ? row * side + column : -1;
      });
      const tokens = places.map((place) => (place < 0 ? new Float64Array(x[0]!.length) : x[place]!));
      attend(tokens).forEach((row, i) => {
        if (places[i]! >= 0) result[places[i]!] = row;
      });
    }
  }
  return result;
}

function attention(x: Rows, numHeads: number, side: number, w: Weights): Rows {
  const qkv = x.map((row) => affine(row, w("attn.qkv.weight"), w("attn.qkv.bias")));
  const inner = qkv[0]!.length / 3;
  const width = inner / numHeads;
  const mixed = x.map(() => new Float64Array(inner));
  for (let head = 0; head < numHeads; head++) {
    const part = (which: number) =>
      qkv.map((row) => row.subarray(which * inner + head * width, which * inner + (head + 1) * width));
    const [q, k, v] = [part(0), part(1), part(2)] as [Rows, Rows, Rows];
    for (let i = 0; i < x.length; i++) {
      const scores = k.map((key, j) => dot(q[i]!, key) / Math.sqrt(width) + position(q[i]!, i, j, side, w));
      softmax(scores).forEach((weight, j) => {
        for (let c = 0; c < width; c++) mixed[i]![head * width + c]! += weight * v[j]![c]!;
      });
    }
  }
  return mixed.map((row) => affine(row, w("attn.proj.weight"), w("attn.proj.bias")));
}

/** What the distance of token j from token i adds to their score. */
function position(q: Float64Array, i: number, j: number, side: number, w: Weights): number {
  const vertical = Math.floor(i / side) - Math.floor(j / side) + side - 1;
  const horizontal = (i % side) - (j % side) + side - 1;
  const [h, v] = [w("attn.rel_pos_h"), w("attn.rel_pos_w")];
  let sum = 0;
  for (let c = 0; c < q.length; c++) {
    sum += q[c]! * (h[vertical * q.length + c]! + v[horizontal * q.length + c]!);
  }
  return sum;
}

function neck(x: Rows, side: number, w: Weights): Float64Array {
  const narrow = x.map((row) =>
    normalise(affine(row, w("neck.0.weight")), w("neck.1.weight"), w("neck.1.bias")),
  );
  const channels = narrow[0]!.length;
  const result = new Float64Array(channels * side * side);
  for (let i = 0; i < x.length; i++) {
    const around = new Float64Array(channels * 9);
    for (let tap = 0; tap < 9; tap++) {
      const [row, column] = [Math.floor(i / side) + Math.floor(tap / 3) - 1, (i % side) + (tap % 3) - 1];
      if (row < 0 || row >= side || column < 0 || column >= side) continue;
      for (let c = 0; c < channels; c++) around[c * 9 + tap] = narrow[row * side + column]![c]!;
    }
    const value = normalise(affine(around, w("neck.2.weight")), w("neck.3.weight"), w("neck.3.bias"));
    for (let c = 0; c < channels; c++) result[c * side * side + i] = value[c]!;
  }
  return result;
}

/**
 * weight · x + bias with a weight [out, in]; kept to plain indices because nearly all the time is spent here.
 */
function affine(x: Float64Array, weight: Float32Array, bias?: Float32Array): Float64Array {
  const [inputs, outputs] = [x.length, weight.length / x.length];
  const result = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let sum = bias ? bias[o]! : 0;
    for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i]! * x[i]!;
    result[o] = sum;
  }
  return result;
}

function normalise(x: Float64Array, weight: Float32Array, bias: Float32Array): Float64Array {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  return x.map((value, c) => ((value - mean) / Math.sqrt(variance + 1e-6)) * weight[c]! + bias[c]!);
}

function softmax(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!);

/** The error function by its power series, summed until it converges; beyond ±5 it is ±1 to ten places. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-12; n++) {
    term *= (-x * x * (2 * n - 1)) / (n * (2 * n + 1));
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
