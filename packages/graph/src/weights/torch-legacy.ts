import { SamError } from "@segany/masks";
import type { ByteSource } from "./byte-source.js";
import { readRange } from "./byte-source.js";
import { dtypeSizes } from "./dtype.js";
import { invalidCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import { maxPickleSize, unpickle } from "./pickle/unpickle.js";
import type { PickledStorage, PickleValue } from "./pickle/values.js";
import type { StoredTensor } from "./stored-tensor.js";
import { checkStoredTensor } from "./stored-tensor.js";
import { unwrapStateDict } from "./unwrap.js";

/**
 * The first pickle of a legacy file: PROTO 2, LONG1 of ten bytes (the magic number 0x1950a86a20f9469cfc6c),
 * STOP.
 */
export const legacyMagic: readonly number[] = [
  0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
];

const legacyProtocol = 1001;

/**
 * Sizes tried, in bytes, for the part before the storages: its length is written nowhere, and it is nearly
 * always small.
 */
const windowSizes = [2 ** 20, 2 ** 23, maxPickleSize];

/**
 * Reads the index of a file in PyTorch's format before 1.6: five pickles (magic number, protocol, system,
 * object, storage keys), then every storage as its element count (int64) and its bytes, in the order of the
 * keys.
 *
 * @returns tensors by the keys of the file, wrappers taken off
 */
export async function readTorchLegacy(source: ByteSource): Promise<Map<string, StoredTensor>> {
  const { object, storages, keys, end } = await readPickles(source);
  const pickled = unwrapStateDict(object);
  const offsets = await locateStorages(source, storageExtents(storages), keys, end);
  const tensors = new Map<string, StoredTensor>();
  for (const [key, { storage, shape, strides, storageOffset }] of pickled) {
    const fileOffset = offsets.get(storage.key);
    if (fileOffset === undefined) {
      throw invalidCheckpoint(`The values of "${key}" (storage "${storage.key}") are not in the file.`);
    }
    // A window is checked by its own length, then moved to where it begins in the whole storage.
    checkStoredTensor(key, {
      dtype: storage.dtype,
      shape,
      strides,
      storageOffset,
      storageNumel: storage.viewNumel,
    });
    tensors.set(key, {
      dtype: storage.dtype,
      shape,
      strides,
      storageOffset: storageOffset + storage.viewOffset,
      fileOffset,
      storageNumel: storage.numel,
    });
  }
  return tensors;
}

interface LegacyPickles {
  readonly object: PickleValue;
  readonly storages: readonly PickledStorage[];
  readonly keys: readonly string[];
  /** Offset of the first storage. */
  readonly end: number;
}

async function readPickles(source: ByteSource): Promise<LegacyPickles> {
  for (const windowSize of windowSizes) {
    const bytes = await source.read(0, Math.min(windowSize, source.size));
    try {
      return parsePickles(bytes);
    } catch (error) {
      // An early end may only mean that the window was too small.
      const final = bytes.length === source.size || windowSize === maxPickleSize;
      if (final || !(error instanceof SamError) || error.code !== "checkpoint-invalid") throw error;
    }
  }
  throw invalidCheckpoint("The checkpoint's index cannot be read.");
}

function parsePickles(bytes: Uint8Array): LegacyPickles {
  const protocol = unpickle(bytes, legacyMagic.length);
  if (protocol.value !== legacyProtocol) {
    throw unsupportedCheckpoint(
      `The checkpoint does not have PyTorch's protocol ${legacyProtocol}, the only one read.`,
    );
  }
  const system = unpickle(bytes, protocol.end);
  if (system.value instanceof Map && system.value.get("little_endian") === false) {
    throw unsupportedCheckpoint(
      "The checkpoint was written on a big-endian machine; only little-endian is read.",
    );
  }
  const object = unpickle(bytes, system.end);
  const keys = unpickle(bytes, object.end);
  if (!isTextList(keys.value)) throw invalidCheckpoint("The checkpoint's list of storages is damaged.");
  return { object: object.value, storages: object.storages, keys: keys.value, end: keys.end };
}

/**
 * Elements of a storage and the bytes of one: what its place in the file, and that of all after it, depends
 * on.
 */
interface StorageExtent {
  readonly itemSize: number;
  readonly numel: number;
}

function storageExtents(storages: readonly PickledStorage[]): Map<string, StorageExtent> {
  const extents = new Map<string, StorageExtent>();
  for (const { key, dtype, numel } of storages) {
    const known = extents.get(key);
    const itemSize = dtypeSizes[dtype];
    if (known && (known.itemSize !== itemSize || known.numel !== numel)) {
      throw invalidCheckpoint(`The storage "${key}" is described in two different ways.`);
    }
    extents.set(key, { itemSize, numel });
  }
  return extents;
}

/**
 * Walks over the storages in the file's order; every one is needed, also those of an optimiser, to find the
 * next.
 */
async function locateStorages(
  source: ByteSource,
  extents: ReadonlyMap<string, StorageExtent>,
  keys: readonly string[],
  start: number,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  let position = start;
  for (const key of keys) {
    const extent = extents.get(key);
    if (!extent) throw unsupportedCheckpoint(`The storage "${key}" is of a kind that is not read.`);
    const what = `The storage "${key}"`;
    if (offsets.has(key)) throw invalidCheckpoint(`${what} is listed twice.`);
    const count = await readRange(source, position, 8, what);
    const numel = new DataView(count.buffer, count.byteOffset).getBigInt64(0, true);
    if (numel !== BigInt(extent.numel)) {
      throw invalidCheckpoint(
        `${what} has ${numel} elements where ${extent.numel} are announced. The file is damaged.`,
      );
    }
    offsets.set(key, position + 8);
    position += 8 + extent.numel * extent.itemSize;
    if (position > source.size) {
      throw invalidCheckpoint(
        `${what} reaches beyond the end of the file. It was not downloaded to its end.`,
      );
    }
  }
  return offsets;
}

function isTextList(value: PickleValue): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
