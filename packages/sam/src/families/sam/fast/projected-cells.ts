/**
 * A linear layer of the finished cells, without the product over all their channels. Every layer of the
 * transformer makes cells norm(cells + weightsᵀ·values), a change of low rank, and starts from cells that all
 * prompts share. So what the layer makes of the shared cells is computed once for an image, and every prompt
 * adds its few ranks: those of the changes, and for each normalisation one for the mean that it takes off and
 * one for the bias that it adds. What it divides by is left out, a positive factor of the whole cell.
 */
import { type GraphBuilder, product, type Value, type WeightLoader } from "@segany/graph";
import {
  add,
  concat,
  div,
  expand,
  fusedMatMul,
  gemm,
  matmul,
  mul,
  reshape,
  shapeOf,
  slice,
} from "@segany/graph/ops";
import { TRANSFORMER_PREFIX } from "../two-way-transformer.js";
import { type Matrix, multiplyLeft } from "./decoder-constants.js";
import type { CellChange } from "./image-attention.js";

/** How a layer of the transformer changed the cells. */
export interface CellStep {
  readonly change: CellChange;
  /** Bx1xS: of the changed cells, before they were normalised. */
  readonly mean: Value;
  /** Bx1xS: 1 / √(variance + epsilon). */
  readonly inverseDeviation: Value;
}

/** A linear layer of cells: how its matrix CxN and its bias [N] are made of the checkpoint's tensors. */
export interface CellLayer {
  readonly name: string;
  /** C and N. */
  readonly shape: readonly [number, number];
  matrix(load: WeightLoader): Promise<Matrix>;
  bias(load: WeightLoader): Promise<Float32Array>;
}

/**
 * The matrix CxN that cells go through as they were before step `first` of `depth`: the layer's, with the
 * norms' scales that lie between.
 */
export function columnsBefore(g: GraphBuilder, layer: CellLayer, first: number, depth: number): Value {
  return g.computed(
    `${layer.name}#before_step_${first}`,
    layer.shape,
    async (load) => (await scaledMatrix(load, layer, first, depth)).data,
  );
}

/** Layers' outputs for cells BxSxC as they are, BxSxN. */
export function projectWhole(g: GraphBuilder, cells: Value, layer: CellLayer): Value {
  const [batch, count, channels] = cells.shape;
  const rows = reshape(g, cells, [product([batch!, count!]), channels!]);
  const bias = g.computed(`${layer.name}#bias`, [layer.shape[1]], layer.bias);
  return reshape(g, gemm(g, rows, columnsBefore(g, layer, 0, 0), bias), [batch!, count!, layer.shape[1]]);
}

/**
 * The layers' outputs times a positive factor of each cell, BxSxN each.
 *
 * @param shared for each layer the shared cells times `columnsBefore` the first step, 1xSxN
 * @param seen how many cells, from the first one on, of those that the steps are of
 */
export function projectedCells(
  g: GraphBuilder,
  shared: readonly Value[],
  steps: readonly CellStep[],
  layers: readonly CellLayer[],
  seen: number,
): Value[] {
  const ranks = concat(g, ranksOf(g, steps, seen), 1); // BxKxS
  return layers.map((layer, i) => {
    const rows = concat(
      g,
      steps.flatMap(({ change }, step) => [
        matmul(g, change.values, columnsBefore(g, layer, step, steps.length)),
        forAllPrompts(g, normRows(g, layer, step, steps.length), change.values),
      ]),
      1,
    ); // BxKxN
    return add(g, shared[i]!, fusedMatMul(g, ranks, rows, { transA: true }));
  });
}

/**
 * What the rows are multiplied by at each cell: a step's weights, its mean and the deviation of all so far,
 * BxKxS each.
 */
function ranksOf(g: GraphBuilder, steps: readonly CellStep[], seen: number): Value[] {
  const cells = (x: Value) => (x.shape.at(-1) === seen ? x : slice(g, x, -1, 0, seen));
  let deviation: Value | undefined; // Bx1xS
  return steps.flatMap(({ change, mean, inverseDeviation }) => {
    const scaled = (x: Value) => (deviation ? mul(g, cells(x), deviation) : cells(x));
    const before = [scaled(change.weights), scaled(mean)];
    const own = div(g, g.scalar(1), cells(inverseDeviation));
    deviation = deviation ? mul(g, deviation, own) : own;
    return [...before, deviation];
  });
}

/** What a norm adds: for its mean, and for its bias; the last one also the layer's. 1x2xN. */
function normRows(g: GraphBuilder, layer: CellLayer, step: number, depth: number): Value {
  const [, columns] = layer.shape;
  return g.computed(`${layer.name}#norm_of_step_${step}`, [1, 2, columns], async (load) => {
    const before = await scaledMatrix(load, layer, step, depth);
    const after = await scaledMatrix(load, layer, step + 1, depth);
    const bias = multiplyLeft(await load(`${normOf(step)}.bias`), after);
    const own = step + 1 === depth ? await layer.bias(load) : undefined;
    return Float32Array.from([
      ...multiplyLeft(new Float32Array(before.rows).fill(-1), before),
      ...bias.map((value, i) => value + (own?.[i] ?? 0)),
    ]);
  });
}

/** Repeats 1xKxN for every prompt of `like`, Bx… */
function forAllPrompts(g: GraphBuilder, rows: Value, like: Value): Value {
  const extents = rows.shape.slice(1).map(Number);
  const shape = concat(g, [slice(g, shapeOf(g, like), 0, 0, 1), g.ints(extents)], 0);
  return expand(g, rows, shape, [like.shape[0]!, ...extents]);
}

async function scaledMatrix(
  load: WeightLoader,
  layer: CellLayer,
  first: number,
  depth: number,
): Promise<Matrix> {
  const { rows, columns, data } = await layer.matrix(load);
  const scaled = Float32Array.from(data);
  for (let step = first; step < depth; step++) {
    const scale = await load(`${normOf(step)}.weight`);
    for (let i = 0; i < scaled.length; i++) scaled[i]! *= scale[Math.floor(i / columns)]!;
  }
  return { rows, columns, data: scaled };
}

const normOf = (step: number) => `${TRANSFORMER_PREFIX}.layers.${step}.norm4`;
