import { createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PassThrough, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { ServerError } from "../errors.js";
import { type FoundEntry, readCentralHeader } from "./zip-records.js";

export interface UnpackOptions {
  /** Bytes of all files together, at most. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

const END_BYTES = 22;
const MAX_COMMENT = 65_535;
const LOCATOR_BYTES = 20;

/** Bytes of a directory, which is held in memory: some two million files. */
const MAX_DIRECTORY = 2 ** 28;

/** Of the system, for a file in the place of a folder and the other way round, and for names too long. */
const UNUSABLE_NAMES: ReadonlySet<unknown> = new Set(["EEXIST", "EISDIR", "ENOTDIR", "ENAMETOOLONG"]);

const ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;
const LINK = 0o120000;
const TYPE = 0o170000;

/**
 * Unpacks a zip file that anyone may have sent: nothing is written outside the folder, no links are made, and
 * no more than `maxBytes` is written whatever the file claims.
 *
 * @param folder exists
 * @throws ServerError `body-invalid` for what is no zip file, is damaged, encrypted, or has names that lead
 *   elsewhere; `payload-too-large`
 */
export async function unpackZip(path: string, folder: string, options: UnpackOptions): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const entries = await readDirectory(file, size);
    const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total > options.maxBytes) throw tooMuch(options.maxBytes);
    let left = options.maxBytes;
    for (const entry of entries) {
      options.signal?.throwIfAborted();
      const parts = partsOf(entry);
      if (!parts) continue;
      const target = join(folder, ...parts);
      left -= await unpackEntry(file, size, entry, target, { ...options, maxBytes: left }).catch((error) => {
        throw UNUSABLE_NAMES.has(error.code) ? damaged(`it has no room for "${parts.join("/")}"`) : error;
      });
    }
  } finally {
    await file.close();
  }
}

/** Where an entry goes; undefined for folders and what systems add. @throws ServerError `body-invalid` */
function partsOf({ name, mode, flags, method }: FoundEntry): readonly string[] | undefined {
  const parts = name.split(/[\\/]/);
  if (parts.at(-1) === "" || parts[0] === "__MACOSX" || (mode & TYPE) === LINK) return undefined;
  const isSafe = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[:\0]/.test(part));
  const shown = JSON.stringify(name.slice(0, 200));
  if (!isSafe) throw invalid(`has a file whose name leads elsewhere: ${shown}`);
  if (flags & ENCRYPTED) throw invalid(`is encrypted (${shown}); send it without a password`);
  if (method !== STORED && method !== DEFLATED)
    throw invalid(`packs ${shown} by method ${method}; pack it as other programs do, by "deflate"`);
  return parts;
}

/** @returns the bytes that were written */
async function unpackEntry(
  file: FileHandle,
  size: number,
  entry: FoundEntry,
  target: string,
  { maxBytes, signal }: UnpackOptions,
): Promise<number> {
  const shown = JSON.stringify(entry.name.slice(0, 200));
  const header = await readAt(file, size, entry.offset, 30);
  if (header.readUInt32LE(0) !== 0x04034b50) throw damaged(`${shown} is not where the directory says`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + entry.packedBytes > size) throw damaged(`${shown} reaches beyond its end`);
  let [bytes, crc] = [0, 0];
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      crc = crc32(chunk, crc);
      done(bytes > maxBytes ? tooMuch(maxBytes) : null, chunk);
    },
  });
  const source =
    entry.packedBytes === 0
      ? new PassThrough().end()
      : file.createReadStream({ start, end: start + entry.packedBytes - 1, autoClose: false });
  await mkdir(dirname(target), { recursive: true });
  const unpack = entry.method === DEFLATED && entry.packedBytes > 0 ? createInflateRaw() : new PassThrough();
  await pipeline(source, unpack, measure, createWriteStream(target), { signal }).catch((error) => {
    throw String((error as NodeJS.ErrnoException).code).startsWith("Z_") ? damaged(shown) : error;
  });
  if (bytes !== entry.bytes || crc !== entry.crc) throw damaged(`${shown} is not what was packed`);
  return bytes;
}

async function readDirectory(file: FileHandle, size: number): Promise<readonly FoundEntry[]> {
  const { offset, bytes, count } = await findDirectory(file, size);
  if (bytes > MAX_DIRECTORY) throw invalid(`claims a directory of ${bytes} bytes`);
  const directory = await readAt(file, size, offset, bytes);
  const entries: FoundEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    const found = readCentralHeader(directory, at);
    if (!found) throw damaged("its directory is not whole");
    entries.push(found.entry);
    at = found.end;
  }
  return entries;
}

async function findDirectory(file: FileHandle, size: number) {
  const tailBytes = Math.min(size, END_BYTES + MAX_COMMENT + LOCATOR_BYTES);
  const tail = await readAt(file, size, size - tailBytes, tailBytes);
  for (let at = tailBytes - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50) continue;
    const locator = at - LOCATOR_BYTES;
    if (locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50) {
      const large = await readAt(file, size, Number(tail.readBigUInt64LE(locator + 8)), 56);
      if (large.readUInt32LE(0) !== 0x06064b50) throw damaged("its directory is not where it says");
      const [count, bytes, offset] = [32, 40, 48].map((place) => Number(large.readBigUInt64LE(place)));
      return { count: count!, bytes: bytes!, offset: offset! };
    }
    return {
      count: tail.readUInt16LE(at + 10),
      bytes: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
  }
  throw invalid("is no zip file, or was not sent to its end");
}

/** @throws ServerError `body-invalid` for what is not in the file */
async function readAt(file: FileHandle, size: number, offset: number, bytes: number): Promise<Buffer> {
  if (!(offset >= 0 && offset + bytes <= size)) throw damaged("it refers to bytes beyond its end");
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, offset + done);
    if (bytesRead === 0) throw damaged("it ends early");
    done += bytesRead;
  }
  return buffer;
}

const invalid = (what: string) => new ServerError("body-invalid", `The file ${what}.`);

const damaged = (what: string) =>
  new ServerError("body-invalid", `The zip file is damaged: ${what}. Pack and send it again.`);

const tooMuch = (maxBytes: number) =>
  new ServerError(
    "payload-too-large",
    `The set's files have more than ${Math.floor(maxBytes / 2 ** 20)} MiB; divide it with segany dataset split.`,
  );
