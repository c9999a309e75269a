import { throwIfAborted } from "@segany/masks";
import { cacheDirectory } from "@segany/runtime/files";
import { encodeDecoderFile } from "../checkpoint/decoder-file.js";
import { recogniseModel } from "../engine/model-info.js";
import { openState, recogniseOptions, type WeightsOptions } from "./node-open-state.js";

/** Selects the checkpoint. */
export interface DecoderWeightsOptions extends WeightsOptions {
  /** A name of `samModelRegistry`; if missing, the checkpoint's model, or the embedded model. */
  readonly model?: string;
  readonly cacheDirectory?: string;
  readonly signal?: AbortSignal;
}

/**
 * Returns the weights that a page needs to compute masks from embeddings, as a `.safetensors` file: prompt
 * encoder and mask decoder under their original keys, 16 MB. The browser's `loadSamDecoder` opens it.
 *
 * @throws SamError of the checkpoint, `model-unknown`, `aborted`
 *
 * @example
 * import { writeFile } from "node:fs/promises";
 * await writeFile("decoder.safetensors", await decoderWeights()); // for loadSamDecoder in a page
 */
export async function decoderWeights(options: DecoderWeightsOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { model, checkpoint, lora, cacheDirectory: folder = cacheDirectory(), signal } = options;
  const state = await openState({
    cacheDirectory: folder,
    ...(model && { name: model }),
    ...(checkpoint && { checkpoint }),
    ...(lora && { lora }),
  });
  try {
    throwIfAborted(signal);
    const { family, model: found } = await recogniseModel(state, model, "fp32", recogniseOptions(options));
    return await encodeDecoderFile(state, { ...found, family });
  } finally {
    await state.close();
  }
}
