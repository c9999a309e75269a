import { SamError } from "@segany/masks";
import type { ByteSource } from "./byte-source.js";
import { detectCheckpointFormat } from "./format.js";
import { invalidCheckpoint } from "./invalid.js";
import { readSafetensorsIndex } from "./safetensors.js";
import { joinShards, type OpenShard, type ShardIndex } from "./shards.js";
import type { StoredTensor } from "./stored-tensor.js";
import { loadStoredTensor } from "./stored-tensor.js";
import { readTorchLegacy } from "./torch-legacy.js";
import { readTorchZip } from "./torch-zip.js";
import type { StateDict } from "./types.js";

/** What a checkpoint is called in messages, and the hash that embeddings and cached graphs are bound to. */
export interface CheckpointIdentity {
  /** File name or URL. */
  readonly name: string;
  /**
   * SHA-256 of all its bytes, lower-case hex; computed by the platform. Of several files: of their hashes,
   * one after another.
   */
  readonly sha256: string;
}

/**
 * Brings the names in a file to those that a model knows, such as another library's names to the original
 * ones.
 */
export type KeyMap = (tensors: ReadonlyMap<string, StoredTensor>) => ReadonlyMap<string, StoredTensor>;

const maxTensors = 100_000;

/**
 * Opens a checkpoint of any format that is read: PyTorch's zip and legacy formats and safetensors. Only the
 * index is read and checked; values are read by `load`, one tensor at a time. The result owns the source:
 * closing it closes the source, and so does a failure.
 *
 * @throws SamError `checkpoint-invalid`, `checkpoint-unsafe` or `checkpoint-unsupported`, the file's name in
 *   front
 *
 * @example
 * const file = encodeSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * const weights = await openStateDict(memoryByteSource(file), { name: "tiny", sha256: "0".repeat(64) });
 * console.log(await weights.load("bias")); // Float32Array(2) [ 1, 2 ]
 */
export async function openStateDict(
  source: ByteSource,
  identity: CheckpointIdentity,
  mapKeys: KeyMap = (tensors) => tensors,
): Promise<StateDict> {
  return opening(
    () => source.close(),
    identity,
    async () => {
      const { tensors, metadata } = await readIndex(source);
      const state = createStateDict(source, identity, checked(mapKeys(tensors)));
      return metadata ? { ...state, metadata } : state;
    },
  );
}

/**
 * Opens a checkpoint in several files, each of a format that is read. The result owns the sources: closing it
 * closes them, and so does a failure.
 *
 * @param sources a source per file of the index, by the file's name
 * @throws SamError as {@link openStateDict}; `checkpoint-invalid` where the files have other tensors than the
 *   index says
 *
 * @example
 * const file = encodeSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * const index = new Map([["a.safetensors", new Set(["bias"])]]);
 * const sources = new Map([["a.safetensors", memoryByteSource(file)]]);
 * const weights = await openShardedStateDict(index, sources, { name: "tiny", sha256: "0".repeat(64) });
 * console.log(await weights.load("bias")); // Float32Array(2) [ 1, 2 ]
 */
export async function openShardedStateDict(
  index: ShardIndex,
  sources: ReadonlyMap<string, ByteSource>,
  identity: CheckpointIdentity,
  mapKeys: KeyMap = (tensors) => tensors,
): Promise<StateDict> {
  const close = async () => void (await Promise.all([...sources.values()].map((source) => source.close())));
  return opening(close, identity, async () => {
    const shards: OpenShard[] = [];
    for (const name of index.keys()) {
      const source = sources.get(name);
      if (!source) throw invalidCheckpoint(`The file ${name} of the index is missing.`);
      const { tensors } = await inFile(name, () => readIndex(source));
      shards.push({ name, source, tensors });
    }
    const { source, tensors } = joinShards(index, shards);
    return createStateDict(source, identity, checked(mapKeys(tensors)));
  });
}

/** Closes what was opened if opening fails, and puts the checkpoint's name before the reason. */
async function opening(
  close: () => Promise<void>,
  { name }: CheckpointIdentity,
  open: () => Promise<StateDict>,
): Promise<StateDict> {
  try {
    return await inFile(name, open);
  } catch (error) {
    await close();
    throw error;
  }
}

async function inFile<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SamError)) throw error;
    throw new SamError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

function checked(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, StoredTensor> {
  if (tensors.size === 0) throw invalidCheckpoint("The checkpoint holds no tensors.");
  if (tensors.size > maxTensors) throw invalidCheckpoint(`The checkpoint holds ${tensors.size} tensors.`);
  return tensors;
}

interface CheckpointIndex {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata?: Readonly<Record<string, string>>;
}

async function readIndex(source: ByteSource): Promise<CheckpointIndex> {
  const format = await detectCheckpointFormat(source);
  switch (format) {
    case "torch-zip":
      return { tensors: await readTorchZip(source) };
    case "torch-legacy":
      return { tensors: await readTorchLegacy(source) };
    case "safetensors":
      return readSafetensorsIndex(source);
  }
}

/**
 * A state dict over tensors whose places in a source are known; it owns the source.
 *
 * @example
 * const file = encodeSafetensors({ bias: { shape: [2], data: Float32Array.of(1, 2) } });
 * const source = memoryByteSource(file);
 * const { tensors } = await readSafetensorsIndex(source);
 * const weights = createStateDict(source, { name: "tiny", sha256: "0".repeat(64) }, tensors);
 * console.log(await weights.load("bias")); // Float32Array(2) [ 1, 2 ]
 */
export function createStateDict(
  source: ByteSource,
  { name, sha256 }: CheckpointIdentity,
  tensors: ReadonlyMap<string, StoredTensor>,
): StateDict {
  let closed = false;
  return {
    sha256,
    source: name,
    tensors,
    async load(key) {
      const tensor = tensors.get(key);
      if (!tensor) throw invalidCheckpoint(`${name}: the checkpoint has no tensor "${key}".`);
      if (closed)
        throw new SamError("file-unreadable", `${name}: cannot load "${key}", the checkpoint was closed.`);
      return loadStoredTensor(source, tensor, key);
    },
    async close() {
      closed = true;
      await source.close();
    },
  };
}
