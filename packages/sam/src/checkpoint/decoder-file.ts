/** The decoder's part of a checkpoint as a file of its own: for those who get embeddings made elsewhere. */

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

/** Of files of earlier versions, which do not name their family. */
const EARLIER_FAMILY = "sam";

/** A model without its image encoder. */
export interface DecoderFile {
  /** Bound to the hash of the checkpoint that it was cut from, as embeddings are. */
  readonly state: StateDict;
  readonly name: string;
  readonly family: ModelFamily;
  /** Of the whole model: the encoder's numbers say what an embedding looks like. */
  readonly architecture: unknown;
}

/**
 * The tensors that masks are decoded with under their original keys, as a `.safetensors` file whose metadata tell the
 * model's name and family, the checkpoint's hash and the architecture (16 MB for every published SAM).
 */
export async function encodeDecoderFile(
  state: StateDict,
  { name, family, architecture }: Pick<DecoderFile, "name" | "family" | "architecture">,
): Promise<Uint8Array<ArrayBuffer>> {
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [key, { shape }] of state.tensors) {
    if (family.isDecoderKey(key)) tensors[key] = { shape, data: await state.load(key) };
  }
  return encodeSafetensors(tensors, {
    model: name,
    family: family.name,
    checkpoint_sha256: state.sha256,
    architecture: JSON.stringify(architecture),
  });
}

/**
 * Opens what {@link encodeDecoderFile} wrote. The result's state owns the source.
 *
 * @param source the file's bytes
 * @param name of the file, for messages
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
      `${name} is no decoder file: its metadata lack "model", "checkpoint_sha256" or "architecture".`,
    );
  }
  try {
    const family = familyNamed(familyName, families);
    return {
      state: createStateDict(source, { name, sha256: sha256! }, tensors),
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
    throw invalidCheckpoint("The architecture in its metadata cannot be read.", cause);
  }
}
