import { throwIfAborted } from "@segany/masks";
import { cacheDirectory } from "@segany/runtime/files";
import { encodeDecoderFile } from "../checkpoint/decoder-file.js";
import { recogniseModel } from "../engine/model-info.js";
import { openState } from "./node-open-state.js";

/** Whose decoder. */
export interface DecoderWeightsOptions {
  /** A name of `samModelRegistry`; left out, the checkpoint tells, or it is the embedded model. */
  readonly model?: string;
  /** Path of a checkpoint. */
  readonly checkpoint?: string;
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
}

/**
 * The weights that a page needs to turn embeddings into masks by itself, as the bytes of a `.safetensors` file: prompt
 * encoder and mask decoder under their original keys, 16 MB. The browser's `loadSamDecoder` opens it.
 *
 * @throws SamError of the checkpoint, `model-unknown`, `aborted`
 */
export async function decoderWeights({
  model,
  checkpoint,
  cacheDirectory: folder = cacheDirectory(),
  signal,
}: DecoderWeightsOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const state = await openState({
    cacheDirectory: folder,
    ...(model && { name: model }),
    ...(checkpoint && { checkpoint }),
  });
  try {
    throwIfAborted(signal);
    const { family, model: found } = recogniseModel(state, model, "fp32");
    return await encodeDecoderFile(state, { ...found, family });
  } finally {
    await state.close();
  }
}
