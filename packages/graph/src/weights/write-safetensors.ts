import { layOutSafetensors } from "./safetensors-layout.js";
import { type ByteSink, checkKeys, type TensorToWrite, tensorBytes } from "./tensor-to-write.js";

/**
 * Writes a safetensors file, one tensor in memory at a time. Its header has the tensors in this order.
 *
 * @param metadata text by text, stored as `__metadata__`; left out when empty
 * @throws SamError `checkpoint-invalid` for values that don't fit a shape or two tensors of one name,
 *   `checkpoint-unsupported` for values that an element type can't have; what the sink throws
 *
 * @example
 * const file: number[] = [];
 * const bias = { key: "bias", shape: [2], values: () => Float32Array.of(1, 2) };
 * await writeSafetensors([bias], async (bytes) => void file.push(...bytes), { format: "pt" });
 * const source = memoryByteSource(Uint8Array.from(file));
 * console.log((await readSafetensorsIndex(source)).metadata); // { format: 'pt' }
 */
export async function writeSafetensors(
  tensors: readonly TensorToWrite[],
  sink: ByteSink,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  checkKeys(tensors);
  const entries = tensors.map(({ key, dtype = "float32", shape }) => ({ key, dtype, shape }));
  const { header, order } = layOutSafetensors(entries, metadata);
  await sink(header);
  for (const index of order) await sink(await tensorBytes(tensors[index]!));
}
