/**
 * The decoder's part of a checkpoint as a separate file, for users of embeddings that were computed
 * elsewhere.
 */

import {
  type ByteSource,
  createStateDict,
  encodeSafetensors,
  invalidCheckpoint,
  readSafetensorsIndex,
  type StateDict,
} from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { familyNamed } from "../families/registry.js";
import type { ModelFamily } from "../model/model-family.js";
import { type EverythingThresholds, metadataOfThresholds } from "./everything-thresholds.js";

/** Family of files of earlier versions, which do not name it. */
const EARLIER_FAMILY = "sam";

/** A model without its image encoder. */
export interface DecoderFile {
  /** Its hash is that of the complete checkpoint, as in embeddings. */
  readonly state: StateDict;
  readonly name: string;
  readonly family: ModelFamily;
  /** Architecture of the complete model: the encoder's part determines the shape of embeddings. */
  readonly architecture: unknown;
}

/**
 * Writes the tensors for decoding under their original keys as a `.safetensors` file. Its metadata has the
 * model's name and family, the checkpoint's hash, the architecture, and thresholds that are kept with the
 * weights (16 MB for every published SAM).
 */
export async function encodeDecoderFile(
  state: StateDict,
  model: Pick<DecoderFile, "name" | "family" | "architecture"> & {
    readonly checkpointSha256: string;
    readonly everythingThresholds?: EverythingThresholds;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, family, architecture, checkpointSha256, everythingThresholds } = model;
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [key, { shape }] of state.tensors) {
    if (family.isDecoderKey(key)) tensors[key] = { shape, data: await state.load(key) };
  }
  return encodeSafetensors(tensors, {
    model: name,
    family: family.name,
    checkpoint_sha256: checkpointSha256,
    architecture: JSON.stringify(architecture),
    ...(everythingThresholds && metadataOfThresholds(everythingThresholds)),
  });
}

/**
 * Opens a file of {@link encodeDecoderFile}. The returned state owns the source.
 *
 * @param source the file's bytes
 * @param name file name for messages
 * @throws SamError `checkpoint-invalid`
 */
export async function openDecoderFile(
  source: ByteSource,
  name: string,
  families?: readonly ModelFamily[],
): Promise<DecoderFile> {
  const { tensors, metadata } = await readSafetensorsIndex(source);
  const { model, family: familyName = EARLIER_FAMILY, checkpoint_sha256: sha256, architecture } = metadata;
  if (!model || !architecture || !/^[0-9a-f]{64}$/.test(sha256 ?? "")) {
    throw invalidCheckpoint(
      `${name} is not a decoder file: its metadata lack "model", "checkpoint_sha256" or "architecture".`,
    );
  }
  try {
    const family = familyNamed(familyName, families);
    return {
      state: { ...createStateDict(source, { name, sha256: sha256! }, tensors), metadata },
      name: model,
      family,
      architecture: family.restore(parseArchitecture(architecture), tensors),
    };
  } catch (error) {
    throw error instanceof SamError
      ? new SamError(error.code, `${name}: ${error.message}`, { cause: error })
      : error;
  }
}

function parseArchitecture(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidCheckpoint("The architecture in its metadata is invalid.", cause);
  }
}
