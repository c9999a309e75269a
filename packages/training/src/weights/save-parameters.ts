import { writeSafetensors } from "@segany/graph/weights";
import { createAtomicFile } from "@segany/runtime/files";
import type { Parameters } from "../step/parameters.js";

/** Writes what was trained beside a model: a small safetensors file, with texts that say what it is for. */
export async function saveParameters(
  path: string,
  parameters: Parameters,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    const tensors = [...parameters].map(([key, { shape, data }]) => ({ key, shape, values: () => data }));
    await writeSafetensors(tensors, (bytes) => file.append(bytes), { format: "pt", ...metadata });
    await file.finish();
  } finally {
    await file.discard();
  }
}
