import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { SamError, throwIfAborted } from "@segany/masks";
import { DEFAULT_IDLE_TIMEOUT_MS, isStalled, MAX_SILENT_CONNECTIONS, withIdleLimit } from "./idle-limit.js";
import { openPartFile, type PartFile } from "./node-part-file.js";
import { type PublishedFile, reasonOf, requestRange } from "./request-range.js";

/** A connection that breaks off after sending something is taken up again, so many times at most. */
const MAX_CONNECTIONS = 20;

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes on the disk, those of an earlier, interrupted download included. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** How a file is downloaded and watched. */
export interface FileDownloadOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes arrive. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stands in for the global `fetch`, such as one that goes through a proxy. */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * How long the server may send nothing, 20 s by default; then the download goes on over a new connection.
   */
  readonly idleTimeoutMs?: number;
}

/**
 * Downloads a file and checks its hashes. What an interrupted download left is gone on with. Several
 * downloads of one file at once each write a part of their own.
 *
 * @param target path the file will have in the end
 * @throws SamError `download-failed`, `file-unwritable`, `aborted`
 *
 * @example
 * import { createHash } from "node:crypto";
 * import { readFileUpTo } from "@segany/runtime/files";
 * import { createServer } from "node:http";
 * import type { AddressInfo } from "node:net";
 *
 * const server = createServer((_, response) => response.end("three masks"));
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
 * const sha256 = createHash("sha256").update("three masks").digest("hex");
 * await downloadFile({ url, sizeBytes: 11, sha256 }, "downloaded.txt");
 * console.log((await readFileUpTo("downloaded.txt", 100)).toString()); // three masks
 * server.close();
 */
export async function downloadFile(
  file: PublishedFile,
  target: string,
  options: FileDownloadOptions = {},
): Promise<void> {
  throwIfAborted(options.signal);
  const part = await openPartFile(target);
  try {
    await fetchAndCheck(part, file, options);
    await part.finish();
  } catch (error) {
    await part.leave();
    throw error;
  }
}

async function fetchAndCheck(
  part: PartFile,
  source: PublishedFile,
  options: FileDownloadOptions,
): Promise<void> {
  if (part.sizeBytes > source.sizeBytes) await part.reset();
  const isResumed = part.sizeBytes > 0;
  await fetchRest(part, source, options);
  let difference = await hashDifference(part.path, source, options.signal);
  if (difference !== undefined && isResumed) {
    // The part may be of another version of the file, or damaged: only a whole download can tell.
    await part.reset();
    await fetchRest(part, source, options);
    difference = await hashDifference(part.path, source, options.signal);
  }
  if (difference === undefined) return;
  await part.reset();
  throw new SamError("download-failed", `${difference}, so it was thrown away`);
}

/**
 * Fetches what is missing; takes up the connection again as long as each brings something, and a few times
 * after a silent one.
 */
async function fetchRest(part: PartFile, source: PublishedFile, options: FileDownloadOptions): Promise<void> {
  const version: { etag: string | undefined } = { etag: undefined };
  let silent = 0;
  for (let connection = 1; part.sizeBytes < source.sizeBytes; connection++) {
    const before = part.sizeBytes;
    try {
      await fetchOnce(part, source, options, version);
    } catch (error) {
      if (!(error instanceof SamError && error.code === "download-failed")) throw error;
      silent = part.sizeBytes > before ? 0 : silent + 1;
      const isWorthwhile = silent === 0 || (isStalled(error) && silent < MAX_SILENT_CONNECTIONS);
      if (!isWorthwhile || connection === MAX_CONNECTIONS) throw error;
    }
  }
}

async function fetchOnce(
  part: PartFile,
  source: PublishedFile,
  options: FileDownloadOptions,
  version: { etag: string | undefined },
): Promise<void> {
  const { signal, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = options;
  await withIdleLimit(idleTimeoutMs, signal, (idleSignal, arrived) =>
    fetchInto(part, source, { ...options, signal: idleSignal }, version, arrived),
  );
}

async function fetchInto(
  part: PartFile,
  { url, sizeBytes }: PublishedFile,
  { fetch = globalThis.fetch, signal, onProgress }: FileDownloadOptions,
  version: { etag: string | undefined },
  arrived: () => void,
): Promise<void> {
  const request = { fetch, offsetBytes: part.sizeBytes, sizeBytes, etag: version.etag, signal };
  const { startBytes, etag, body } = await requestRange(url, request);
  version.etag = etag;
  if (startBytes !== part.sizeBytes) await part.reset();
  for await (const chunk of chunksOf(body, signal)) {
    arrived();
    if (part.sizeBytes + chunk.byteLength > sizeBytes) {
      await part.reset();
      throw new SamError("download-failed", `the server sent more than the file's ${sizeBytes} bytes`);
    }
    await part.append(chunk);
    arrived();
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
      throwIfAborted(signal);
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
  { sha256, md5 }: PublishedFile,
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
