/** Records of zip files (PKWARE's APPNOTE), with those of Zip64 where numbers need them. Pure. */

export interface ZipEntry {
  /** UTF-8. */
  readonly name: Buffer;
  /** Of its header in the file. */
  readonly offset: number;
  /** Deflated, or as it is. */
  readonly isPacked: boolean;
  readonly crc: number;
  readonly bytes: number;
  readonly packedBytes: number;
  /** Whether its local header has room for sizes of 64 bits. */
  readonly isLarge: boolean;
}

const MAX_32 = 0xffffffff;
const MAX_16 = 0xffff;

/** Names are UTF-8. */
const FLAGS = 0x0800;

/** 1980-01-01, the first day that a zip file can name: the same files give the same bytes. */
const DATE = 0x21;

export function localHeader({ name, isPacked, crc, bytes, packedBytes, isLarge }: ZipEntry): Buffer {
  const extra = isLarge ? zip64Field([bytes, packedBytes]) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(isLarge ? 45 : 20, 4);
  writeCommon(header, 6, { isPacked, crc });
  header.writeUInt32LE(isLarge ? MAX_32 : packedBytes, 18);
  header.writeUInt32LE(isLarge ? MAX_32 : bytes, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

export function centralHeader({ name, isPacked, crc, bytes, packedBytes, offset }: ZipEntry): Buffer {
  const wide = [bytes, packedBytes, offset].filter((value) => value >= MAX_32);
  const extra = wide.length > 0 ? zip64Field(wide) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(45, 4);
  header.writeUInt16LE(wide.length > 0 ? 45 : 20, 6);
  writeCommon(header, 8, { isPacked, crc });
  header.writeUInt32LE(Math.min(packedBytes, MAX_32), 20);
  header.writeUInt32LE(Math.min(bytes, MAX_32), 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(Math.min(offset, MAX_32), 42);
  return Buffer.concat([header, name, extra]);
}

/** Flags, method, time, date and checksum, which both headers have in this order. */
function writeCommon(header: Buffer, at: number, { isPacked, crc }: Pick<ZipEntry, "isPacked" | "crc">) {
  header.writeUInt16LE(FLAGS, at);
  header.writeUInt16LE(isPacked ? 8 : 0, at + 2);
  header.writeUInt16LE(DATE, at + 6);
  header.writeUInt32LE(crc, at + 8);
}

function zip64Field(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return field;
}

/** What ends the file: where its directory is. @param offset of the directory, whose size is `size` bytes */
export function endRecords(count: number, size: number, offset: number): Buffer {
  const isLarge = count >= MAX_16 || size >= MAX_32 || offset >= MAX_32;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, MAX_16), 8);
  end.writeUInt16LE(Math.min(count, MAX_16), 10);
  end.writeUInt32LE(Math.min(size, MAX_32), 12);
  end.writeUInt32LE(Math.min(offset, MAX_32), 16);
  if (!isLarge) return end;
  const large = Buffer.alloc(56 + 20);
  large.writeUInt32LE(0x06064b50, 0);
  large.writeBigUInt64LE(44n, 4);
  large.writeUInt16LE(45, 12);
  large.writeUInt16LE(45, 14);
  large.writeBigUInt64LE(BigInt(count), 24);
  large.writeBigUInt64LE(BigInt(count), 32);
  large.writeBigUInt64LE(BigInt(size), 40);
  large.writeBigUInt64LE(BigInt(offset), 48);
  large.writeUInt32LE(0x07064b50, 56);
  large.writeBigUInt64LE(BigInt(offset + size), 64);
  large.writeUInt32LE(1, 72);
  return Buffer.concat([large, end]);
}

/** An entry of a directory that was read. */
export interface FoundEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  /** Of Unix systems; 0 where there is none. */
  readonly mode: number;
  readonly crc: number;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly offset: number;
}

/**
 * Reads an entry of the directory. @returns undefined if none begins there, or it is not whole
 */
export function readCentralHeader(
  directory: Buffer,
  at: number,
): { readonly entry: FoundEntry; readonly end: number } | undefined {
  if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) return undefined;
  const nameAt = at + 46;
  const extraAt = nameAt + directory.readUInt16LE(at + 28);
  const commentAt = extraAt + directory.readUInt16LE(at + 30);
  const end = commentAt + directory.readUInt16LE(at + 32);
  if (end > directory.length) return undefined;
  const wide = readZip64Field(directory.subarray(extraAt, commentAt));
  // Only what did not fit is in that field, in this order.
  const valueAt = (place: number) => {
    const value = directory.readUInt32LE(at + place);
    return value === MAX_32 ? (wide.shift() ?? value) : value;
  };
  const bytes = valueAt(24);
  const packedBytes = valueAt(20);
  const offset = valueAt(42);
  const isUnix = directory.readUInt8(at + 5) === 3;
  const entry = {
    name: directory.toString("utf8", nameAt, extraAt),
    ...{ flags: directory.readUInt16LE(at + 8), method: directory.readUInt16LE(at + 10) },
    mode: isUnix ? directory.readUInt16LE(at + 40) : 0,
    ...{ crc: directory.readUInt32LE(at + 16), bytes, packedBytes, offset },
  };
  return { entry, end };
}

function readZip64Field(extra: Buffer): number[] {
  const values: number[] = [];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    for (let value = at + 4; value + 8 <= end; value += 8) values.push(Number(extra.readBigUInt64LE(value)));
  }
  return values;
}
