/** Checkpoints in several files, with an index that says which tensor is in which (`*.index.json`). */
import { type ByteSource, readRange } from "./byte-source.js";
import { invalidCheckpoint, unsafeCheckpoint } from "./invalid.js";
import type { StoredTensor } from "./stored-tensor.js";

/** Largest index that is read, in bytes: room for half a million tensors. */
export const maxShardIndexBytes = 2 ** 26;
const maxShards = 1000;

/** The tensors of each file, by the file's name; names are plain, without a folder. */
export type ShardIndex = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads an index as Hugging Face's libraries write it: `{ "weight_map": { "tensor": "file" } }`. Files are in
 * the order of their names.
 *
 * @throws SamError `checkpoint-invalid`; `checkpoint-unsafe` for a file of another folder
 *
 * @example
 * const text = '{ "weight_map": { "bias": "model-00001-of-00001.safetensors" } }';
 * console.log([...parseShardIndex(new TextEncoder().encode(text)).keys()]);
 */
export function parseShardIndex(bytes: Uint8Array): ShardIndex {
  const shards = new Map<string, Set<string>>();
  for (const [tensor, file] of Object.entries(weightMapOf(bytes))) {
    if (typeof file !== "string")
      throw invalidCheckpoint(`The index names no file for the tensor "${tensor}".`);
    if (!isPlainName(file))
      throw unsafeCheckpoint(
        `The index places the tensor "${tensor}" in "${file}", which is no file of the index's own folder.`,
      );
    const tensors = shards.get(file) ?? new Set();
    shards.set(file, tensors.add(tensor));
  }
  if (shards.size === 0 || shards.size > maxShards)
    throw invalidCheckpoint(`The index names ${shards.size} files; 1 to ${maxShards} are read.`);
  return new Map([...shards].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function weightMapOf(bytes: Uint8Array): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalidCheckpoint("The index is not JSON: it is damaged or not the index of a checkpoint.", cause);
  }
  const map = (parsed as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map === "object" && map !== null && !Array.isArray(map)) return map;
  throw invalidCheckpoint(
    'The file is no index of a checkpoint, which has a "weight_map" from tensors to files.',
  );
}

function isPlainName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\\:\p{Cc}]/u.test(name);
}

/** A file of a checkpoint whose own index has been read. */
export interface OpenShard {
  readonly name: string;
  readonly source: ByteSource;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Joins the files of a checkpoint. Their tensors must be exactly those of the index.
 *
 * @throws SamError `checkpoint-invalid`
 */
export function joinShards(
  index: ShardIndex,
  shards: readonly OpenShard[],
): { readonly source: ByteSource; readonly tensors: ReadonlyMap<string, StoredTensor> } {
  const tensors = new Map<string, StoredTensor>();
  const fileOf = new Map([...index].flatMap(([file, keys]) => [...keys].map((key) => [key, file] as const)));
  const starts: number[] = [];
  let start = 0;
  for (const shard of shards) {
    starts.push(start);
    checkShard(shard, index.get(shard.name)!, fileOf);
    for (const [key, tensor] of shard.tensors)
      tensors.set(key, { ...tensor, fileOffset: start + tensor.fileOffset });
    start += shard.source.size;
  }
  return { source: joinedSource(shards, starts, start), tensors };
}

function checkShard(
  { name, tensors }: OpenShard,
  expected: ReadonlySet<string>,
  fileOf: ReadonlyMap<string, string>,
): void {
  for (const key of expected)
    if (!tensors.has(key))
      throw invalidCheckpoint(
        `The index places the tensor "${key}" in ${name}, which does not have it. Get index and files anew, of the same version.`,
      );
  for (const key of tensors.keys()) {
    if (expected.has(key)) continue;
    const other = fileOf.get(key);
    throw invalidCheckpoint(
      other === undefined
        ? `${name} has the tensor "${key}", of which the index does not know. Get index and files anew, of the same version.`
        : `The tensor "${key}" is in ${other}, by the index, and in ${name} too.`,
    );
  }
}

/** The bytes of files one after another; no read crosses from one file into the next. */
function joinedSource(shards: readonly OpenShard[], starts: readonly number[], size: number): ByteSource {
  return {
    size,
    async read(offset, length) {
      const at = starts.findLastIndex((start) => start <= offset);
      const { source, name } = shards[at]!;
      return readRange(source, offset - starts[at]!, length, `A tensor of ${name}`);
    },
    async close() {
      await Promise.all(shards.map(({ source }) => source.close()));
    },
  };
}
