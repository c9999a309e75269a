import { product, type WeightShapes } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { saveCheckpoint } from "./save-checkpoint.js";

/** Of a run's `.safetensors` checkpoints, or copies of them. */
export interface RunCheckpoints {
  readonly best: string;
  readonly last: string;
}

/**
 * Writes a run's checkpoints in PyTorch's format, too, under their names with `.pth` instead.
 *
 * @param unused what the authors' code insists on beside them (`PlainNetwork.unusedWeights`): zeros where
 *   they have none
 * @returns the paths of the copies
 */
export async function copiesAsPth(
  { best, last }: RunCheckpoints,
  unused: WeightShapes,
): Promise<RunCheckpoints> {
  return { best: await copyAsPth(best, unused), last: await copyAsPth(last, unused) };
}

async function copyAsPth(checkpoint: string, unused: WeightShapes): Promise<string> {
  const path = checkpoint.replace(/\.safetensors$/, ".pth");
  const base = await openCheckpointFile(checkpoint);
  try {
    await saveCheckpoint({ path, base: withZeros(base, unused), changed: new Map() });
  } finally {
    await base.close();
  }
  return path;
}

function withZeros(base: StateDict, shapes: WeightShapes): StateDict {
  const missing = new Map(
    [...shapes].flatMap(([key, { shape }]) =>
      base.tensors.has(key) ? [] : [[key, { dtype: "float32", shape }] as const],
    ),
  );
  return {
    ...base,
    tensors: new Map([...base.tensors, ...missing]),
    load: async (key) => {
      const info = missing.get(key);
      return info ? new Float32Array(Number(product(info.shape))) : base.load(key);
    },
  };
}
