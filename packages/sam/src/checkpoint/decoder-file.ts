/** The decoder's part of a checkpoint as a file of its own: for those who get embeddings made elsewhere. */

import {
  type ByteSource,
  createShapeReader,
  createStateDict,
  encodeSafetensors,
  invalidCheckpoint,
  readSafetensorsIndex,
  type StateDict,
} from "@segany/graph/weights";
import type { Architecture } from "../families/sam/architecture.js";
import { inferDecoder } from "../families/sam/infer-architecture.js";

/** Parts of a checkpoint that masks are decoded with. */
const DECODER_KEY = /^(prompt_encoder|mask_decoder)\./;

/** A model without its image encoder. */
export interface DecoderFile {
  /** Bound to the hash of the checkpoint that it was cut from, as embeddings are. */
  readonly state: StateDict;
  readonly name: string;
  /** Of the whole model: the encoder's numbers say what an embedding looks like. */
  readonly architecture: Architecture;
}

/**
 * The tensors of prompt encoder and mask decoder under their original keys, as a `.safetensors` file whose metadata
 * tell the model's name, the checkpoint's hash and the architecture (16 MB for every published model).
 */
export async function encodeDecoderFile(
  state: StateDict,
  { name, architecture }: Pick<DecoderFile, "name" | "architecture">,
): Promise<Uint8Array<ArrayBuffer>> {
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [key, { shape }] of state.tensors) {
    if (DECODER_KEY.test(key)) tensors[key] = { shape, data: await state.load(key) };
  }
  const { encoder, decoder } = architecture;
  return encodeSafetensors(tensors, {
    model: name,
    checkpoint_sha256: state.sha256,
    architecture: JSON.stringify({ encoder, decoder }),
  });
}

/**
 * Opens what {@link encodeDecoderFile} wrote. The result's state owns the source.
 *
 * @param source the file's bytes
 * @param name of the file, for messages
 * @throws SamError `checkpoint-invalid`
 */
export async function openDecoderFile(source: ByteSource, name: string): Promise<DecoderFile> {
  const { tensors, metadata } = await readSafetensorsIndex(source);
  const { model, checkpoint_sha256: sha256, architecture } = metadata;
  if (!model || !architecture || !/^[0-9a-f]{64}$/.test(sha256 ?? "")) {
    throw invalidCheckpoint(
      `${name} is no decoder file: its metadata lack "model", "checkpoint_sha256" or "architecture".`,
    );
  }
  const parsed = parseArchitecture(architecture, name);
  const found = inferDecoder(createShapeReader(tensors), parsed.encoder.outChannels);
  const differs = Object.entries(found).find(
    ([key, value]) => parsed.decoder[key as keyof typeof found] !== value,
  );
  if (differs) {
    throw invalidCheckpoint(`${name}: its tensors have ${differs[0]} ${differs[1]}, unlike its metadata.`);
  }
  return {
    state: createStateDict(source, { name, sha256: sha256! }, tensors),
    name: model,
    architecture: parsed,
  };
}

function parseArchitecture(text: string, name: string): Architecture {
  try {
    const { encoder, decoder } = JSON.parse(text) as Architecture;
    if (encoder.imageSize > 0 && encoder.outChannels > 0 && decoder) return { encoder, decoder };
  } catch (cause) {
    throw invalidCheckpoint(`${name}: the architecture in its metadata cannot be read.`, cause);
  }
  throw invalidCheckpoint(`${name}: the architecture in its metadata is not whole.`);
}
