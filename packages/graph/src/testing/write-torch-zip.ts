/** For tests: checkpoints of any size in PyTorch's zip format, written as a stream. */
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import {
  encodePickle,
  joinBytes,
  type Picklable,
  pickledOrderedDict,
  pickledTensor,
} from "./pickle-writer.js";

/** One float32 tensor of a checkpoint to be written; values are asked for when their turn comes. */
export interface TensorToWrite {
  readonly key: string;
  readonly shape: readonly number[];
  readonly values: () => Float32Array;
}

/**
 * Writes a state dict of dense float32 tensors as torch.save does: `archive/data.pkl`, a stored entry for
 * every storage aligned to 64 bytes, `archive/version`; all sizes and offsets in Zip64 form. Only one tensor
 * is in memory at a time.
 */
export async function writeTorchZip(path: string, tensors: Iterable<TensorToWrite>): Promise<void> {
  const file = await open(path, "w");
  try {
    for (const chunk of torchZipChunks([...tensors])) await file.appendFile(chunk);
  } finally {
    await file.close();
  }
}

/** The same in memory, for small ones. */
export function encodeTorchZip(tensors: Iterable<TensorToWrite>): Uint8Array<ArrayBuffer> {
  return joinBytes([...torchZipChunks([...tensors])]);
}

/** An archive of any pickle and storages. */
export function encodeTorchArchive(
  pickle: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(storages).map(([key, bytes]) => entry(`data/${key}`, () => bytes));
  return joinBytes([...zipChunks([entry("data.pkl", () => pickle), ...entries, versionEntry])]);
}

interface ZipInput {
  readonly name: string;
  readonly bytes: () => Uint8Array;
}

interface WrittenEntry {
  readonly name: Uint8Array;
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
}

const entry = (name: string, bytes: () => Uint8Array): ZipInput => ({ name: `archive/${name}`, bytes });
const versionEntry = entry("version", () => new TextEncoder().encode("3\n"));

function torchZipChunks(tensors: readonly TensorToWrite[]): Generator<Uint8Array> {
  const items = new Map<string, Picklable>();
  tensors.forEach(({ key, shape }, index) => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const storageNumel = shape.reduce((a, b) => a * b, 1);
    items.set(key, pickledTensor({ storageKey: `${index}`, storageNumel, shape, strides }));
  });
  const storages = tensors.map(({ values }, index) =>
    entry(`data/${index}`, () => {
      const data = values();
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    }),
  );
  return zipChunks([
    entry("data.pkl", () => encodePickle(pickledOrderedDict(items))),
    ...storages,
    versionEntry,
  ]);
}

function* zipChunks(inputs: readonly ZipInput[]): Generator<Uint8Array> {
  const written: WrittenEntry[] = [];
  let offset = 0;
  for (const input of inputs) {
    const bytes = input.bytes();
    const record = {
      name: new TextEncoder().encode(input.name),
      offset,
      size: bytes.length,
      crc: crc32(bytes),
    };
    const header = localHeader(record);
    written.push(record);
    yield header;
    yield bytes;
    offset += header.length + bytes.length;
  }
  const directory = joinBytes(written.map(centralHeader));
  yield directory;
  yield endRecords(written.length, directory.length, offset);
}

/** The local header, padded so that the values after it begin at a multiple of 64. */
function localHeader({ name, offset, size, crc }: WrittenEntry): Uint8Array {
  const sizes = zip64Field([size, size]);
  const unpadded = offset + 30 + name.length + sizes.length + 4;
  const padding = (64 - (unpadded % 64)) % 64;
  const header = new DataView(new ArrayBuffer(30));
  header.setUint32(0, 0x04034b50, true);
  header.setUint16(4, 45, true);
  header.setUint32(14, crc, true);
  header.setUint32(18, 0xffffffff, true);
  header.setUint32(22, 0xffffffff, true);
  header.setUint16(26, name.length, true);
  header.setUint16(28, sizes.length + 4 + padding, true);
  const pad = new Uint8Array(4 + padding).fill(0x5a);
  pad.set([0x46, 0x42, padding & 255, padding >> 8]); // PyTorch's id for its padding
  return joinBytes([new Uint8Array(header.buffer), name, sizes, pad]);
}

function centralHeader({ name, offset, size, crc }: WrittenEntry): Uint8Array {
  const extra = zip64Field([size, size, offset]);
  const header = new DataView(new ArrayBuffer(46));
  header.setUint32(0, 0x02014b50, true);
  header.setUint16(4, 45, true);
  header.setUint16(6, 45, true);
  header.setUint32(16, crc, true);
  header.setUint32(20, 0xffffffff, true);
  header.setUint32(24, 0xffffffff, true);
  header.setUint16(28, name.length, true);
  header.setUint16(30, extra.length, true);
  header.setUint32(42, 0xffffffff, true);
  return joinBytes([new Uint8Array(header.buffer), name, extra]);
}

function zip64Field(values: readonly number[]): Uint8Array {
  const field = new DataView(new ArrayBuffer(4 + 8 * values.length));
  field.setUint16(0, 1, true);
  field.setUint16(2, 8 * values.length, true);
  values.forEach((value, index) => {
    field.setBigUint64(4 + 8 * index, BigInt(value), true);
  });
  return new Uint8Array(field.buffer);
}

/** Zip64 end record, its locator, and the plain end record that points to neither. */
function endRecords(count: number, directorySize: number, directoryOffset: number): Uint8Array {
  const end = new DataView(new ArrayBuffer(56 + 20 + 22));
  end.setUint32(0, 0x06064b50, true);
  end.setBigUint64(4, 44n, true);
  end.setUint16(12, 45, true);
  end.setUint16(14, 45, true);
  end.setBigUint64(24, BigInt(count), true);
  end.setBigUint64(32, BigInt(count), true);
  end.setBigUint64(40, BigInt(directorySize), true);
  end.setBigUint64(48, BigInt(directoryOffset), true);
  end.setUint32(56, 0x07064b50, true);
  end.setBigUint64(64, BigInt(directoryOffset + directorySize), true);
  end.setUint32(72, 1, true);
  end.setUint32(76, 0x06054b50, true);
  end.setUint16(84, 0xffff, true);
  end.setUint16(86, 0xffff, true);
  end.setUint32(88, 0xffffffff, true);
  end.setUint32(92, 0xffffffff, true);
  return new Uint8Array(end.buffer);
}
