import type { ByteSource } from "./byte-source.js";
import { readRange } from "./byte-source.js";
import { dtypeSizes } from "./dtype.js";
import { invalidCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import { maxPickleSize, unpickle } from "./pickle/unpickle.js";
import type { PickledTensor } from "./pickle/values.js";
import type { StoredTensor } from "./stored-tensor.js";
import { checkStoredTensor } from "./stored-tensor.js";
import { unwrapStateDict } from "./unwrap.js";
import type { ZipEntry } from "./zip-directory.js";
import { locateZipEntry, readZipDirectory } from "./zip-directory.js";

/**
 * Reads the index of a file in PyTorch's zip format (torch.save since 1.6): `<folder>/data.pkl` holds the
 * structure, `<folder>/data/<key>` the storages; the folder's name is free. An archive of TorchScript
 * (torch.jit.save) is read the same way: its program is left alone.
 *
 * @returns tensors by the keys of the file, wrappers taken off
 */
export async function readTorchZip(source: ByteSource): Promise<Map<string, StoredTensor>> {
  const entries = await readZipDirectory(source);
  const pickleEntry = findPickle(entries);
  const folder = pickleEntry.name.slice(0, -"data.pkl".length);
  await checkByteOrder(source, entries.get(`${folder}byteorder`));
  const { value } = unpickle(await readEntry(source, pickleEntry, maxPickleSize));
  const offsets = new Map<string, number>();
  const tensors = new Map<string, StoredTensor>();
  for (const [key, pickled] of unwrapStateDict(value)) {
    const entry = entries.get(`${folder}data/${pickled.storage.key}`);
    if (!entry)
      throw invalidCheckpoint(
        `The values of "${key}" (storage "${pickled.storage.key}") are not in the file.`,
      );
    const tensor = storedTensor(key, pickled, entry.size);
    if (!offsets.has(entry.name)) offsets.set(entry.name, await locateZipEntry(source, entry));
    tensors.set(key, { ...tensor, fileOffset: offsets.get(entry.name)! });
  }
  return tensors;
}

/**
 * A pickled tensor with its numbers checked against the bytes there are.
 *
 * @param storageSize bytes of the storage in the file
 */
function storedTensor(
  key: string,
  pickled: PickledTensor,
  storageSize: number,
): Omit<StoredTensor, "fileOffset"> {
  const { dtype, numel } = pickled.storage;
  if (numel * dtypeSizes[dtype] > storageSize) {
    throw invalidCheckpoint(
      `"${key}" needs ${numel} ${dtype} values, but its storage has ${storageSize} bytes.`,
    );
  }
  const { shape, strides, storageOffset } = pickled;
  const tensor = { dtype, shape, strides, storageOffset, storageNumel: numel };
  checkStoredTensor(key, tensor);
  return tensor;
}

function findPickle(entries: ReadonlyMap<string, ZipEntry>): ZipEntry {
  const found = [...entries.values()].filter(({ name }) => name === "data.pkl" || name.endsWith("/data.pkl"));
  if (found.length === 0) {
    throw unsupportedCheckpoint(
      `This zip archive is no checkpoint (it has no data.pkl, but for example "${[...entries.keys()][0] ?? ""}"). ` +
        "If the checkpoint was packed into it, unzip it first.",
    );
  }
  if (found.length > 1)
    throw invalidCheckpoint(`The archive has ${found.length} files named data.pkl; one is expected.`);
  return found[0]!;
}

async function checkByteOrder(source: ByteSource, entry: ZipEntry | undefined): Promise<void> {
  if (!entry) return;
  const order = new TextDecoder().decode(await readEntry(source, entry, 64));
  if (order !== "little")
    throw unsupportedCheckpoint(`The checkpoint has the byte order "${order}"; only little is read.`);
}

async function readEntry(source: ByteSource, entry: ZipEntry, maxSize: number): Promise<Uint8Array> {
  if (entry.size > maxSize) {
    throw invalidCheckpoint(
      `The zip entry "${entry.name}" has ${entry.size} bytes; at most ${maxSize} are expected.`,
    );
  }
  return readRange(source, await locateZipEntry(source, entry), entry.size, `The zip entry "${entry.name}"`);
}
