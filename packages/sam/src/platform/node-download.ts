import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonOf, requestRange } from "../checkpoint/download.js";
import type { CheckpointDownload, ModelVariant } from "../checkpoint/registry.js";
import { SamError, throwIfAborted } from "../errors.js";
import { cacheDirectory } from "./node-cache-directory.js";
import { openPartFile, type PartFile } from "./node-part-file.js";

/** A connection that breaks off after sending something is taken up again, so many times at most. */
const MAX_CONNECTIONS = 20;

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes on the disk, those of an earlier, interrupted download included. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** Where a checkpoint comes from and goes to. */
export interface DownloadOptions {
  /** Cache folder; {@link cacheDirectory} by default. */
  readonly cacheDir?: string;
  readonly signal?: AbortSignal;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stands in for the global `fetch`, such as one that goes through a proxy. */
  readonly fetch?: typeof globalThis.fetch;
  /** Folder to fetch the file from, instead of its authors': a mirror. The hash must be the same. */
  readonly baseUrl?: string;
}

/** Where a model's checkpoint lies once it is downloaded: `<cache>/checkpoints/<file name>`. */
export function checkpointPath(source: CheckpointDownload, cacheDir: string): string {
  return join(cacheDir, "checkpoints", source.fileName);
}

/** The downloaded checkpoint of a model, if it is there and has the right size; else `undefined`. */
export async function findCheckpoint(
  variant: ModelVariant,
  cacheDir = cacheDirectory(),
): Promise<string | undefined> {
  if (variant.source.kind === "embedded") return undefined;
  const path = checkpointPath(variant.source, cacheDir);
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() && stats.size === variant.source.sizeBytes ? path : undefined;
}

/**
 * Downloads a model's checkpoint into the cache folder and checks its hashes. What an interrupted download left is
 * gone on with. Several downloads of one file at once each write a part of their own.
 *
 * @returns path of the checkpoint, also when it was there already
 * @throws SamError `option-invalid` for an embedded model, `download-failed` (with what to fetch and where to put it),
 *   `file-unwritable`, `aborted`
 */
export async function downloadCheckpoint(
  variant: ModelVariant,
  options: DownloadOptions = {},
): Promise<string> {
  const { source } = variant;
  if (source.kind === "embedded") {
    throw new SamError(
      "option-invalid",
      `The weights of ${variant.name} come with the library; there is nothing to download.`,
    );
  }
  const { cacheDir = cacheDirectory(), signal, baseUrl } = options;
  throwIfAborted(signal);
  const found = await findCheckpoint(variant, cacheDir);
  if (found !== undefined) return found;
  const url =
    baseUrl === undefined ? source.url : new URL(source.fileName, `${baseUrl.replace(/\/$/, "")}/`).href;
  const target = checkpointPath(source, cacheDir);
  const part = await openPartFile(target);
  try {
    await fetchAndCheck(part, url, source, options);
    await part.finish();
    return target;
  } catch (error) {
    await part.leave();
    throw error instanceof SamError && error.code === "download-failed"
      ? withInstructions(error, variant.name, url, target)
      : error;
  }
}

async function fetchAndCheck(
  part: PartFile,
  url: string,
  source: CheckpointDownload,
  options: DownloadOptions,
): Promise<void> {
  if (part.sizeBytes > source.sizeBytes) await part.reset();
  const isResumed = part.sizeBytes > 0;
  await fetchRest(part, url, source, options);
  let difference = await hashDifference(part.path, source, options.signal);
  if (difference !== undefined && isResumed) {
    // The part may be of another version of the file, or damaged: only a whole download can tell.
    await part.reset();
    await fetchRest(part, url, source, options);
    difference = await hashDifference(part.path, source, options.signal);
  }
  if (difference === undefined) return;
  await part.reset();
  throw new SamError("download-failed", `${difference}, so it was thrown away`);
}

/** Fetches what is missing; takes up the connection again as long as each brings something. */
async function fetchRest(
  part: PartFile,
  url: string,
  source: CheckpointDownload,
  options: DownloadOptions,
): Promise<void> {
  const version: { etag: string | undefined } = { etag: undefined };
  for (let connection = 1; part.sizeBytes < source.sizeBytes; connection++) {
    const before = part.sizeBytes;
    try {
      await fetchOnce(part, url, source, options, version);
    } catch (error) {
      const isCut = error instanceof SamError && error.code === "download-failed" && part.sizeBytes > before;
      if (!isCut || connection === MAX_CONNECTIONS) throw error;
    }
  }
}

async function fetchOnce(
  part: PartFile,
  url: string,
  { sizeBytes }: CheckpointDownload,
  { fetch = globalThis.fetch, signal, onProgress }: DownloadOptions,
  version: { etag: string | undefined },
): Promise<void> {
  const request = { fetch, offsetBytes: part.sizeBytes, sizeBytes, etag: version.etag, signal };
  const { startBytes, etag, body } = await requestRange(url, request);
  version.etag = etag;
  if (startBytes !== part.sizeBytes) await part.reset();
  for await (const chunk of chunksOf(body, signal)) {
    if (part.sizeBytes + chunk.byteLength > sizeBytes) {
      await part.reset();
      throw new SamError("download-failed", `the server sent more than the file's ${sizeBytes} bytes`);
    }
    await part.append(chunk);
    onProgress?.({ receivedBytes: part.sizeBytes, totalBytes: sizeBytes });
  }
  if (part.sizeBytes < sizeBytes) {
    throw new SamError(
      "download-failed",
      `the connection ended after ${part.sizeBytes} of ${sizeBytes} bytes`,
    );
  }
}

/** The body's pieces; a connection that breaks off is `download-failed`, a cancelled one `aborted`. */
async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      throwIfAborted(signal);
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throwIfAborted(signal);
    throw new SamError("download-failed", reasonOf(cause), { cause });
  } finally {
    // After an error there is nothing left to cancel; when the consumer stopped, this closes the connection.
    await reader.cancel().catch(() => undefined);
  }
}

/** How a file's hashes differ from the published ones; `undefined` when they are equal. */
async function hashDifference(
  path: string,
  { sha256, md5 }: CheckpointDownload,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const wanted = md5 === undefined ? { sha256 } : { sha256, md5 };
  const hashes = Object.entries(wanted).map(([name, expected]) => ({
    name,
    expected,
    hash: createHash(name),
  }));
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    throwIfAborted(signal);
    for (const { hash } of hashes) hash.update(chunk);
  }
  for (const { name, expected, hash } of hashes) {
    const actual = hash.digest("hex");
    if (actual !== expected) return `the file's ${name} is ${actual} instead of ${expected}`;
  }
  return undefined;
}

function withInstructions(error: SamError, name: string, url: string, target: string): SamError {
  return new SamError(
    "download-failed",
    `Cannot download ${name}: ${error.message}. Try again, or fetch ${url} by other means and put it into ${dirname(target)} as ${target.slice(dirname(target).length + 1)}.`,
    { cause: error },
  );
}
