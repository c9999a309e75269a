import { writeSafetensors } from "@segany/graph/weights";
import { createAtomicFile } from "@segany/runtime/files";
import type { Parameters } from "../step/parameters.js";

/** Writes low-rank adapters alone, a small file for the option `lora` of `loadSam`. */
export async function saveAdapters(path: string, adapters: Parameters): Promise<void> {
  const file = await createAtomicFile(path);
  try {
    const tensors = [...adapters].map(([key, { shape, data }]) => ({ key, shape, values: () => data }));
    await writeSafetensors(tensors, (bytes) => file.append(bytes), { format: "pt" });
    await file.finish();
  } finally {
    await file.discard();
  }
}
