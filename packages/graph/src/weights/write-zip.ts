import { crc32 } from "./crc32.js";

/** PyTorch maps storages into memory: each begins at a multiple of this. */
const ALIGNMENT = 64;

/** Entries of an archive in the making, as the bytes that are to be written one after another. */
export interface ZipWriter {
  /** An entry, not compressed: its header and its bytes. */
  entry(name: string, bytes: Uint8Array): readonly Uint8Array[];
  /** The directory, after which nothing follows. */
  end(): readonly Uint8Array[];
}

interface WrittenEntry {
  readonly name: Uint8Array;
  readonly offset: number;
  readonly size: number;
  readonly crc: number;
}

/**
 * Begins a zip archive as PyTorch writes it: stored entries aligned to 64 bytes, all sizes and offsets in
 * Zip64 form, so that neither a tensor nor the archive is ever too large. The same entries give the same
 * bytes: there are no times in it.
 */
export function createZipWriter(): ZipWriter {
  const written: WrittenEntry[] = [];
  let offset = 0;
  return {
    entry(name, bytes) {
      const record = {
        name: new TextEncoder().encode(name),
        offset,
        size: bytes.length,
        crc: crc32(bytes),
      };
      const header = localHeader(record);
      written.push(record);
      offset += header.length + bytes.length;
      return [header, bytes];
    },
    end() {
      const directory = written.map(centralHeader);
      const size = directory.reduce((sum, { length }) => sum + length, 0);
      return [...directory, endRecords(written.length, size, offset)];
    },
  };
}

/** The local header, padded so that the bytes after it are aligned. */
function localHeader({ name, offset, size, crc }: WrittenEntry): Uint8Array {
  const sizes = zip64Field([size, size]);
  const unpadded = offset + 30 + name.length + sizes.length + 4;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  const header = new DataView(new ArrayBuffer(30));
  header.setUint32(0, 0x04034b50, true);
  header.setUint16(4, 45, true);
  header.setUint32(14, crc, true);
  header.setUint32(18, 0xffffffff, true);
  header.setUint32(22, 0xffffffff, true);
  header.setUint16(26, name.length, true);
  header.setUint16(28, sizes.length + 4 + padding, true);
  const pad = new Uint8Array(4 + padding).fill(0x5a);
  pad.set([0x46, 0x42, padding, 0]); // PyTorch's id for its padding
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

/** Zip64 end record, its locator, and the plain end record, whose numbers say to look there. */
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

/** Puts arrays of bytes one behind the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
