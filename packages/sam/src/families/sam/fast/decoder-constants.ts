/** Constants of the fast decoder, made out of the checkpoint's tensors when the graph is written. */
import type { GraphBuilder, Value, WeightLoader } from "@segany/graph";
import { GAUSSIAN_KEY, gridEncoding } from "../positional-encoding.js";

/** Rows one after another. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

async function loadMatrix(load: WeightLoader, key: string, rows: number): Promise<Matrix> {
  const data = await load(key);
  return { rows, columns: data.length / rows, data };
}

/** `<prefix>.weight` [heads·d, in] times `scale`, cut by heads: heads x d x in. */
export function headRows(g: GraphBuilder, prefix: string, heads: number, scale: number): Value {
  const key = `${prefix}.weight`;
  const [rows, columns] = g.weightShape(key);
  return g.computed(`${key}#head_rows`, [heads, rows! / heads, columns!], async (load) =>
    (await load(key)).map((value) => value * scale),
  );
}

/** `<prefix>.weight` [heads·d, in] cut by heads, each turned: heads x in x d. */
export function headColumns(g: GraphBuilder, prefix: string, heads: number): Value {
  const key = `${prefix}.weight`;
  const [rows, columns] = g.weightShape(key);
  const width = rows! / heads;
  return g.computed(`${key}#head_columns`, [heads, columns!, width], async (load) => {
    const weight = await load(key);
    const turned = new Float32Array(weight.length);
    for (let row = 0; row < rows!; row++) {
      const start = Math.floor(row / width) * columns! * width + (row % width);
      for (let column = 0; column < columns!; column++) {
        turned[start + column * width] = weight[row * columns! + column]!;
      }
    }
    return turned;
  });
}

/** `<prefix>.weight` [out, heads·d] turned and cut by heads: heads x d x out. */
export function outputHeadRows(g: GraphBuilder, prefix: string, heads: number): Value {
  const key = `${prefix}.weight`;
  const [rows, columns] = g.weightShape(key);
  return g.computed(`${key}#output_head_rows`, [heads, columns! / heads, rows!], async (load) =>
    transposed(await loadMatrix(load, key, rows!)),
  );
}

/**
 * The bias that an attention's value and output projections add together, out: since the weights of a softmax
 * sum to one, the value's bias passes through it whole.
 */
async function valueOutputBias(load: WeightLoader, prefix: string): Promise<Float32Array> {
  const bias = Float32Array.from(await load(`${prefix}.out_proj.bias`));
  const output = await loadMatrix(load, `${prefix}.out_proj.weight`, bias.length);
  const product = multiply(output, await load(`${prefix}.v_proj.bias`));
  return bias.map((value, i) => value + product[i]!);
}

/** That bias for an output projection: out. */
export function foldedOutputBias(g: GraphBuilder, prefix: string): Value {
  const [width] = g.weightShape(`${prefix}.out_proj.bias`);
  return g.computed(`${prefix}#output_bias`, [width!], (load) => valueOutputBias(load, prefix));
}

/**
 * That bias for values which have gone through the output projection head by head: heads x 1 x out, once, in
 * head 0.
 */
export function foldedValueBias(g: GraphBuilder, prefix: string, heads: number): Value {
  const [width] = g.weightShape(`${prefix}.out_proj.bias`);
  return g.computed(`${prefix}#value_bias`, [heads, 1, width!], async (load) => {
    const bias = new Float32Array(heads * width!);
    bias.set(await valueOutputBias(load, prefix));
    return bias;
  });
}

/** What the projection of the cells' positions is made of. */
export interface PositionProjection {
  /** Of the linear layer. */
  readonly prefix: string;
  readonly side: number;
  readonly scale: number;
  /** Adds the layer's bias. */
  readonly withBias: boolean;
  /** Key of a vector [C] that is added to every position, such as the embedding of "no mask". */
  readonly offsetKey?: string;
}

/**
 * scale · (W (position + offset) + bias) for every cell of the embedding, (heads·d) x cells: the part of an
 * image-side query or key that no image and no prompt changes.
 */
export function positionProjection(g: GraphBuilder, options: PositionProjection): Value {
  const { prefix, side, scale, withBias, offsetKey } = options;
  const [rows] = g.weightShape(`${prefix}.weight`);
  const cells = side * side;
  return g.computed(`${prefix}#positions`, [rows!, cells], async (load) => {
    const weight = await loadMatrix(load, `${prefix}.weight`, rows!);
    const encoding = gridEncoding(await load(GAUSSIAN_KEY), side);
    const bias = withBias ? await load(`${prefix}.bias`) : new Float32Array(rows!);
    const offset = offsetKey ? multiply(weight, await load(offsetKey)) : new Float32Array(rows!);
    const result = new Float32Array(rows! * cells);
    for (let cell = 0; cell < cells; cell++) {
      const projected = multiply(
        weight,
        encoding.subarray(cell * weight.columns, (cell + 1) * weight.columns),
      );
      for (let row = 0; row < rows!; row++) {
        result[row * cells + cell] = scale * (projected[row]! + bias[row]! + offset[row]!);
      }
    }
    return result;
  });
}

/** a - b of two vectors of the checkpoint. */
export function difference(g: GraphBuilder, a: string, b: string): Value {
  const [width] = g.weightShape(a);
  return g.computed(`${a}#minus_${b}`, [width!], async (load) => {
    const [left, right] = [await load(a), await load(b)];
    return left.map((value, i) => value - right[i]!);
  });
}

/**
 * Four sums at a time: one alone would wait for each of its additions, and there are 134 million for every
 * projection.
 */
function multiply({ rows, columns, data }: Matrix, vector: Float32Array): Float64Array {
  const product = new Float64Array(rows);
  const whole = columns - (columns % 4);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < whole; i += 4) {
      a += data[start + i]! * vector[i]!;
      b += data[start + i + 1]! * vector[i + 1]!;
      c += data[start + i + 2]! * vector[i + 2]!;
      d += data[start + i + 3]! * vector[i + 3]!;
    }
    for (let i = whole; i < columns; i++) a += data[start + i]! * vector[i]!;
    product[row] = a + b + c + d;
  }
  return product;
}

/** vectorᵀ · matrix, in double precision. */
export function multiplyLeft(vector: Float32Array, { rows, columns, data }: Matrix): Float64Array {
  const product = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      product[column]! += vector[row]! * data[row * columns + column]!;
  }
  return product;
}

function transposed({ rows, columns, data }: Matrix): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = data[row * columns + column]!;
  }
  return result;
}
