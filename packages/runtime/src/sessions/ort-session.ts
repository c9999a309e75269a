/**
 * What ONNX Runtime's builds for Node and for browsers have in common: sessions and tensors of
 * onnxruntime-common.
 */

import type { GraphDtype } from "@segany/graph";
import { SamError } from "@segany/masks";
import type * as ort from "onnxruntime-common";
import type { RunTensor, Session } from "./types.js";

/**
 * Makes a session of ONNX Runtime one of ours. Tensors are given back as soon as their values are taken.
 *
 * @param tensorType the tensor class of the same build, since each carries its own
 */
export function wrapSession(session: ort.InferenceSession, tensorType: ort.TensorConstructor): Session {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds) {
      const tensors = Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor, tensorType)]),
      );
      try {
        const results = await session.run(tensors);
        return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, take(tensor)]));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SamError("inference-failed", `ONNX Runtime could not run the model: ${reason}`, {
          cause: error,
        });
      } finally {
        for (const tensor of Object.values(tensors)) tensor.dispose();
      }
    },
    close: () => session.release(),
  };
}

function toOrt({ dtype, data, shape }: RunTensor, tensorType: ort.TensorConstructor): ort.Tensor {
  return new tensorType(dtype as ort.Tensor.Type, data as ort.Tensor.DataType, shape);
}

/** The values of a result; the tensor itself is of no use afterwards. */
function take(tensor: ort.Tensor): RunTensor {
  const { type, dims, data } = tensor;
  tensor.dispose();
  return { dtype: type as GraphDtype, shape: dims, data: data as RunTensor["data"] };
}
