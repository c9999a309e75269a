import type { ByteSource } from "./byte-source.js";
import { readRange } from "./byte-source.js";
import { invalidCheckpoint, unsupportedCheckpoint } from "./invalid.js";

/** One file inside a zip archive as its central directory tells it; sizes and offsets in bytes. */
export interface ZipEntry {
  readonly name: string;
  /** 0 is stored; PyTorch compresses nothing. */
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly localHeaderOffset: number;
}

const endRecordSize = 22;
const maxCommentSize = 65_535;
const zip64LocatorSize = 20;
const centralHeaderSize = 46;
const localHeaderSize = 30;
const maxEntries = 100_000;
const maxDirectorySize = 2 ** 26;

/**
 * Reads the central directory of a zip archive, with the Zip64 records that PyTorch always writes.
 *
 * @returns entries by their full name
 * @throws SamError `checkpoint-invalid` for anything that contradicts itself or reaches outside the file
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { offset, size, count } = await readEndRecord(source);
  if (count > maxEntries || size > maxDirectorySize) {
    throw invalidCheckpoint(
      `The zip directory claims ${count} entries in ${size} bytes, more than any checkpoint has.`,
    );
  }
  const bytes = await readRange(source, offset, size, "The zip directory");
  const entries = new Map<string, ZipEntry>();
  let position = 0;
  for (let index = 0; index < count; index++) {
    const { entry, end } = parseCentralHeader(bytes, position);
    if (entries.has(entry.name))
      throw invalidCheckpoint(`The zip archive has two entries named "${entry.name}".`);
    entries.set(entry.name, entry);
    position = end;
  }
  return entries;
}

/**
 * Finds where the bytes of a stored entry begin. The local header has to be read for that: PyTorch pads its
 * extra field so that storages are aligned to 64 bytes, and the central directory does not know that padding.
 *
 * @throws SamError `checkpoint-unsupported` when the entry is compressed, `checkpoint-invalid` when it is
 *   damaged
 */
export async function locateZipEntry(source: ByteSource, entry: ZipEntry): Promise<number> {
  const what = `The zip entry "${entry.name}"`;
  if (entry.method !== 0) {
    throw unsupportedCheckpoint(
      `${what} is compressed (method ${entry.method}); PyTorch stores its files plainly. Unpack and save it again.`,
    );
  }
  if (entry.compressedSize !== entry.size)
    throw invalidCheckpoint(`${what} is stored but has two different sizes.`);
  const header = view(await readRange(source, entry.localHeaderOffset, localHeaderSize, what));
  if (header.getUint32(0, true) !== 0x04034b50) {
    throw invalidCheckpoint(
      `${what} has no header at offset ${entry.localHeaderOffset}. The file is damaged.`,
    );
  }
  const dataOffset =
    entry.localHeaderOffset + localHeaderSize + header.getUint16(26, true) + header.getUint16(28, true);
  if (dataOffset + entry.size > source.size) {
    throw invalidCheckpoint(`${what} reaches beyond the end of the file. It was not downloaded to its end.`);
  }
  return dataOffset;
}

interface DirectoryRange {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

/**
 * Finds the end record (at the very end, before an optional comment) and follows it to its Zip64 form if
 * there is one.
 */
async function readEndRecord(source: ByteSource): Promise<DirectoryRange> {
  const tailSize = Math.min(source.size, endRecordSize + maxCommentSize + zip64LocatorSize);
  const tail = view(await readRange(source, source.size - tailSize, tailSize, "The end of the zip archive"));
  for (let at = tailSize - endRecordSize; at >= 0; at--) {
    if (tail.getUint32(at, true) !== 0x06054b50) continue;
    if (at + endRecordSize + tail.getUint16(at + 20, true) !== tailSize) continue;
    const locatorAt = at - zip64LocatorSize;
    if (locatorAt >= 0 && tail.getUint32(locatorAt, true) === 0x07064b50) {
      return readZip64EndRecord(source, safeUint64(tail, locatorAt + 8));
    }
    return {
      count: tail.getUint16(at + 10, true),
      size: tail.getUint32(at + 12, true),
      offset: tail.getUint32(at + 16, true),
    };
  }
  throw invalidCheckpoint(
    "The zip archive has no directory at its end: the file was not downloaded to its end.",
  );
}

async function readZip64EndRecord(source: ByteSource, offset: number): Promise<DirectoryRange> {
  const record = view(await readRange(source, offset, 56, "The Zip64 end record"));
  if (record.getUint32(0, true) !== 0x06064b50) {
    throw invalidCheckpoint(`There is no Zip64 end record at offset ${offset}. The file is damaged.`);
  }
  return { count: safeUint64(record, 32), size: safeUint64(record, 40), offset: safeUint64(record, 48) };
}

function parseCentralHeader(bytes: Uint8Array, position: number): { entry: ZipEntry; end: number } {
  const header = view(bytes);
  if (position + centralHeaderSize > bytes.length || header.getUint32(position, true) !== 0x02014b50) {
    throw invalidCheckpoint("The zip directory ends early or is damaged.");
  }
  const nameAt = position + centralHeaderSize;
  const extraAt = nameAt + header.getUint16(position + 28, true);
  const commentAt = extraAt + header.getUint16(position + 30, true);
  const end = commentAt + header.getUint16(position + 32, true);
  if (end > bytes.length) throw invalidCheckpoint("The zip directory ends in the middle of an entry.");
  const extra = zip64Fields(bytes.subarray(extraAt, commentAt));
  const wide = (at: number) => {
    const value = header.getUint32(position + at, true);
    return value === 0xffffffff ? extra.next() : value;
  };
  // The order matters: the Zip64 field holds only the values that did not fit, and in this order.
  const size = wide(24);
  const compressedSize = wide(20);
  const localHeaderOffset = wide(42);
  const name = new TextDecoder().decode(bytes.subarray(nameAt, extraAt));
  const method = header.getUint16(position + 10, true);
  return { entry: { name, method, compressedSize, size, localHeaderOffset }, end };
}

/** The 64-bit values of the Zip64 extra field (id 1), handed out in turn. */
function zip64Fields(extra: Uint8Array): { next(): number } {
  const fields = view(extra);
  let at = 0;
  while (at + 4 <= extra.length && fields.getUint16(at, true) !== 1) at += 4 + fields.getUint16(at + 2, true);
  const end = at + 4 <= extra.length ? Math.min(extra.length, at + 4 + fields.getUint16(at + 2, true)) : 0;
  let valueAt = at + 4;
  return {
    next() {
      if (valueAt + 8 > end) throw invalidCheckpoint("A zip entry needs a Zip64 size that is not there.");
      valueAt += 8;
      return safeUint64(fields, valueAt - 8);
    },
  };
}

function safeUint64(bytes: DataView, at: number): number {
  const value = bytes.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw invalidCheckpoint(`The zip archive claims a size of ${value}.`);
  return Number(value);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
