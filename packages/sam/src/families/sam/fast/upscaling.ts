/**
 * The upscaling of the mask decoder on cells instead of pixels. A transposed convolution whose kernel is its
 * stride is a linear layer that gives each cell four pixels; the upper and the lower two go separate ways, so
 * that rows of pixels are whole rows of the mask at the end.
 *
 * Between its two layers stands a normalisation over the C/4 channels of a pixel. Here the first layer makes
 * their mean zero by itself and adds two channels ±√(epsilon·C/8), which give the variance over all of them
 * the epsilon: so the result does not change when a cell is multiplied by a positive factor. Behind the
 * normalisation one of the two is a constant, which the second layer takes its bias from.
 */
import { type GraphBuilder, product, type Value, type WeightLoader } from "@segany/graph";
import { gelu, layerNormalization, matmul, reshape } from "@segany/graph/ops";
import type { Matrix } from "./decoder-constants.js";
import type { CellLayer } from "./projected-cells.js";

const PREFIX = "mask_decoder.output_upscaling";
const EPSILON = 1e-6;
/** Channels beside those of the checkpoint. */
const EXTRA = 2;
/** Exact Gelu of 1. */
const GELU_OF_ONE = 0.841_344_746_068_542_9;
const ROWS = [0, 1] as const;

/**
 * The first layer for the upper and the lower two of each cell's pixels: two pixels side by side, C/4 + 2
 * channels each.
 */
export function firstUpscaling(g: GraphBuilder): readonly CellLayer[] {
  const [inputs, channels] = g.weightShape(`${PREFIX}.0.weight`) as readonly [number, number];
  return ROWS.map((row) => ({
    name: `${PREFIX}.0#row_${row}`,
    shape: [inputs, 2 * (channels + EXTRA)],
    matrix: (load) => pixelMatrix(load, inputs, channels, row),
    bias: (load) => pixelBias(load, channels),
  }));
}

/**
 * Normalisation and second layer.
 *
 * @param cells what the first layer makes of cells, upper and lower pixels, BxSxN each
 * @returns the four rows of pixels within a row of cells from above, Bx4SxC/8 each
 */
export function finePixels(g: GraphBuilder, cells: readonly Value[]): Value[] {
  const norm = normConstants(g);
  const matrices = ROWS.map((row) => fineColumns(g, row));
  return cells.flatMap((half) => {
    const [batch, count, columns] = half.shape;
    const pixels = reshape(g, half, [product([2, batch!, count!]), Number(columns) / 2]);
    const normal = gelu(g, layerNormalization(g, pixels, norm.scale, norm.bias, 0));
    return matrices.map((matrix) => {
      const fine = gelu(g, matmul(g, normal, matrix)); // (B·2S)x(2·C/8)
      return reshape(g, fine, [batch!, 4 * Number(count), Number(matrix.shape[1]) / 2]);
    });
  });
}

/** Columns of the first layer: two pixels' channels less their mean, and nothing for the extra ones. */
async function pixelMatrix(
  load: WeightLoader,
  inputs: number,
  channels: number,
  row: number,
): Promise<Matrix> {
  const weight = await load(`${PREFIX}.0.weight`); // in x out x 2 x 2
  const columns = 2 * (channels + EXTRA);
  const data = new Float32Array(inputs * columns);
  for (let pixel = 0; pixel < 2 * inputs; pixel++) {
    const [input, column] = [pixel >> 1, pixel & 1];
    const own = Float64Array.from(
      { length: channels },
      (_, channel) => weight[4 * (input * channels + channel) + 2 * row + column]!,
    );
    data.set(withoutMean(own), pixel * (channels + EXTRA));
  }
  return { rows: inputs, columns, data };
}

async function pixelBias(load: WeightLoader, channels: number): Promise<Float32Array> {
  const own = withoutMean(Float64Array.from(await load(`${PREFIX}.0.bias`)));
  const extra = Math.sqrt((EPSILON * channels) / EXTRA);
  const pixel = [...own, extra, -extra];
  return Float32Array.from([...pixel, ...pixel]);
}

/** Scale and bias of the normalisation; of the extra channels the first becomes 1, the second 0. */
function normConstants(g: GraphBuilder): { readonly scale: Value; readonly bias: Value } {
  const [channels] = g.weightShape(`${PREFIX}.1.weight`) as readonly [number];
  const width = channels + EXTRA;
  const narrower = Math.sqrt(channels / width); // the variance is a mean over more channels now
  return {
    scale: g.computed(`${PREFIX}.1#scale`, [width], async (load) =>
      Float32Array.from([...(await load(`${PREFIX}.1.weight`)).map((value) => value * narrower), 0, 0]),
    ),
    bias: g.computed(`${PREFIX}.1#bias`, [width], async (load) =>
      Float32Array.from([...(await load(`${PREFIX}.1.bias`)), 1, 0]),
    ),
  };
}

/** The second layer for the upper or the lower two of four pixels, (C/4 + 2)x(2·C/8). */
function fineColumns(g: GraphBuilder, row: number): Value {
  const key = `${PREFIX}.3`;
  const [inputs, outputs] = g.weightShape(`${key}.weight`) as readonly [number, number];
  return g.computed(`${key}#row_${row}`, [inputs + EXTRA, 2 * outputs], async (load) => {
    const [weight, bias] = [await load(`${key}.weight`), await load(`${key}.bias`)];
    const data = new Float32Array((inputs + EXTRA) * 2 * outputs);
    for (let column = 0; column < 2; column++) {
      for (let output = 0; output < outputs; output++) {
        const place = column * outputs + output;
        for (let input = 0; input < inputs; input++)
          data[input * 2 * outputs + place] = weight[4 * (input * outputs + output) + 2 * row + column]!;
        data[inputs * 2 * outputs + place] = bias[output]! / GELU_OF_ONE;
      }
    }
    return data;
  });
}

function withoutMean(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
