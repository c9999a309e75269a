/** The measure that times are held against: how fast this machine multiplies matrices. */

import { countWork, createGraphBuilder } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { matmul } from "@segany/graph/ops";
import * as ort from "onnxruntime-node";
import { type NodeSessionOptions, openOrtSession } from "../sessions/node-session.js";

/** Rows, inner extent and columns: the first layer of an MLP of ViT-B on all tokens of an image. */
const [ROWS, INNER, COLUMNS] = [4096, 768, 3072];

/** A float32 product of 4096x768 by constant 768x3072. */
export interface MatrixProduct {
  /** Operations of one product, 19.3 thousand million. */
  readonly flops: number;
  /** Multiplies once and tells the time. */
  timeMs(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens the product under the settings that models run with. The result goes to memory that is there already:
 * fresh memory for its 50 MB would take a tenth of the time.
 *
 * @example
 * const product = await openMatrixProduct();
 * const gflops = product.flops / (await product.timeMs()) / 1e6;
 * console.log(gflops > 0); // true
 * await product.close();
 */
export async function openMatrixProduct(options: NodeSessionOptions = {}): Promise<MatrixProduct> {
  const g = createGraphBuilder("matrix_product", new Map());
  const rows = g.input("rows", "float32", [ROWS, INNER]);
  g.output("product", matmul(g, rows, g.constant(unevenValues(INNER * COLUMNS), [INNER, COLUMNS])));
  const graph = g.finish();
  const session = await openOrtSession(await writeModel(graph, noWeights), options);
  const feeds = { rows: new ort.Tensor("float32", unevenValues(ROWS * INNER), [ROWS, INNER]) };
  const fetches = {
    product: new ort.Tensor("float32", new Float32Array(ROWS * COLUMNS), [ROWS, COLUMNS]),
  };
  return {
    flops: countWork(graph).flops,
    async timeMs() {
      const start = performance.now();
      await session.run(feeds, fetches);
      return performance.now() - start;
    },
    close: () => session.release(),
  };
}

function noWeights(): Promise<Float32Array> {
  return Promise.reject(new Error("This graph has no weights of a checkpoint."));
}

/** Values between -0.5 and 0.5 in no order: zeros or equal rows could be multiplied faster than others. */
function unevenValues(count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (Math.imul(i + 1, 2_654_435_761) >>> 0) / 2 ** 32 - 0.5;
  return values;
}
