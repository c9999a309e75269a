import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import { centralHeader, endRecords, localHeader, type ZipEntry } from "./zip-records.js";

/** Files that get smaller; images are compressed already. */
const TEXT = /\.(json|jsonl|txt|xml|ya?ml|csv|names|html|geojson)$/i;

export interface ZipOptions {
  readonly signal?: AbortSignal;
  /** Called after each file. */
  readonly onFile?: (done: number) => void;
}

/**
 * Packs a folder's files into a zip file, in the order of their names. The same files give the same bytes.
 * Memory grows by some 100 bytes a file, not with their size.
 *
 * @param path is replaced
 * @returns its size, bytes
 */
export async function zipFolder(folder: string, path: string, options: ZipOptions = {}): Promise<number> {
  const file = await open(path, "w");
  try {
    const names = await namesOf(folder);
    const entries: ZipEntry[] = [];
    let offset = 0;
    for (const name of names) {
      options.signal?.throwIfAborted();
      const entry = await addFile(file, join(folder, ...name.split("/")), name, offset);
      offset += localHeader(entry).length + entry.packedBytes;
      entries.push(entry);
      options.onFile?.(entries.length);
    }
    return await writeDirectory(file, entries, offset);
  } finally {
    await file.close();
  }
}

async function namesOf(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** Writes the file's bytes behind room for their header, and then the header, which has their sizes. */
async function addFile(file: FileHandle, path: string, name: string, offset: number): Promise<ZipEntry> {
  const isPacked = TEXT.test(name);
  const { size } = await stat(path);
  const blank: ZipEntry = {
    ...{ name: Buffer.from(name), offset, isPacked, crc: 0, bytes: 0, packedBytes: 0 },
    isLarge: size >= 2 ** 32 - 2 ** 20, // what can't be packed grows a little
  };
  let at = offset + localHeader(blank).length;
  let [crc, bytes] = [0, 0];
  const source = createReadStream(path);
  source.on("data", (chunk) => {
    crc = crc32(chunk as Buffer, crc);
    bytes += chunk.length;
  });
  const packing = isPacked ? source.pipe(createDeflateRaw()) : source;
  source.on("error", (error) => packing.destroy(error));
  for await (const chunk of packing as Readable) {
    await writeAll(file, chunk as Buffer, at);
    at += (chunk as Buffer).length;
  }
  const packedBytes = at - offset - localHeader(blank).length;
  const entry = { ...blank, crc, bytes, packedBytes };
  await writeAll(file, localHeader(entry), offset);
  return entry;
}

async function writeDirectory(
  file: FileHandle,
  entries: readonly ZipEntry[],
  offset: number,
): Promise<number> {
  let at = offset;
  for (const entry of entries) {
    const header = centralHeader(entry);
    await writeAll(file, header, at);
    at += header.length;
  }
  const end = endRecords(entries.length, at - offset, offset);
  await writeAll(file, end, at);
  return at + end.length;
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
