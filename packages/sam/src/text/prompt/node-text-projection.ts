import { readSafetensorsIndex } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { openCheckpointFile, openFileSource } from "@segany/runtime/files";
import {
  CLIP_SHA256,
  createTextProjection,
  PROJECTION_KEYS,
  type TextProjection,
} from "./text-projection.js";

/**
 * Opens a projection that `segany train --text` wrote.
 *
 * @param path a safetensors file
 * @throws SamError `checkpoint-not-found`, `checkpoint-invalid` if it is something else
 */
export async function openTextProjection(path: string): Promise<TextProjection> {
  const state = await openCheckpointFile(path);
  try {
    const [weight, bias] = [PROJECTION_KEYS.weight, PROJECTION_KEYS.bias].map((key) => {
      const shape = state.tensors.get(key)?.shape;
      if (shape) return { key, shape };
      throw new SamError(
        "checkpoint-invalid",
        `${path} is no projection of text: it has no "${key}". \`segany train --text\` writes one beside a checkpoint (best.text.safetensors).`,
      );
    });
    const read = async ({ key, shape }: { key: string; shape: readonly number[] }) => ({
      shape,
      data: await state.load(key),
    });
    const clipSha256 = await clipOf(path);
    return createTextProjection({
      weight: await read(weight!),
      bias: await read(bias!),
      ...(clipSha256 !== undefined && { clipSha256 }),
      sha256: state.sha256,
      source: path,
    });
  } finally {
    await state.close();
  }
}

async function clipOf(path: string): Promise<string | undefined> {
  const source = await openFileSource(path);
  try {
    return (await readSafetensorsIndex(source)).metadata[CLIP_SHA256];
  } finally {
    await source.close();
  }
}
