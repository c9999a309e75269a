/** Whether a graphics processor can take a model, asked before anything is sent to it. */

import { elementCount, type Graph, type GraphDtype } from "@segany/graph";
import { SamError } from "@segany/masks";

/** What is asked of a WebGPU adapter (`GPUAdapter`). */
export interface GpuAdapter {
  readonly limits: { readonly maxStorageBufferBindingSize: number; readonly maxBufferSize: number };
  readonly info?: { readonly isFallbackAdapter?: boolean };
}

/** What is used of `navigator.gpu`. */
export interface Gpu {
  requestAdapter(): Promise<GpuAdapter | null>;
}

const ITEM_BYTES: Readonly<Record<GraphDtype, number>> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  int8: 1,
  bool: 1,
};

/**
 * The graphics processor of this page or worker. A software adapter counts only where it is asked for:
 * WebAssembly is faster.
 *
 * @throws SamError `device-unavailable`
 *
 * @example
 * const { limits } = await requestGpu(false);
 * console.log(limits.maxBufferSize);
 */
export async function requestGpu(allowSoftware: boolean): Promise<GpuAdapter> {
  const { gpu } = navigator as { readonly gpu?: Gpu };
  const adapter = await gpu?.requestAdapter();
  if (!adapter) throw new SamError("device-unavailable", "this browser offers no WebGPU adapter");
  if (adapter.info?.isFallbackAdapter && !allowSoftware) {
    throw new SamError("device-unavailable", "the WebGPU adapter is software");
  }
  return adapter;
}

/**
 * Refuses a graph with a tensor that an adapter's buffers cannot hold. Graphs are fp32: `shader-f16` is not
 * needed.
 *
 * @param batch prompts in one run
 * @throws SamError `device-unavailable`
 */
export function checkGpuLimits({ limits }: GpuAdapter, graph: Graph, batch: number): void {
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  const needed = largestTensorBytes(graph, batch);
  if (needed <= limit) return;
  throw new SamError(
    "device-unavailable",
    `the graph ${graph.name} needs buffers of ${needed} bytes, but the WebGPU adapter's hold ${limit}`,
  );
}

/** Bytes of a graph's largest tensor with a batch of prompts of a few points each. */
export function largestTensorBytes({ values, initializers }: Graph, batch: number): number {
  let largest = 0;
  for (const { shape, dtype } of [...values.values(), ...initializers]) {
    largest = Math.max(largest, elementCount(shape, { B: batch, N: 8, K: 8 }) * ITEM_BYTES[dtype]);
  }
  return largest;
}
