/** Files of weights in a page: downloaded, kept, checked. */

import { SamError, throwIfAborted } from "@segany/masks";
import type { EngineNotice } from "../protocol/notice.js";
import type { DownloadCache } from "./browser-download-cache.js";
import { sha256Hex } from "./browser-sha256.js";
import { DEFAULT_IDLE_TIMEOUT_MS, isStalled, MAX_SILENT_CONNECTIONS, withIdleLimit } from "./idle-limit.js";
import { reasonOf } from "./request-range.js";

/** A file that a page names: an address, or its content. */
export interface WeightsFile {
  /** Absolute address, or the content. */
  readonly from: string | Blob;
  /** SHA-256 of the content, lower-case hex, if known: the file is refused when it has another. */
  readonly sha256?: string | undefined;
}

/** A file that is here. */
export interface LoadedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/** What loading files needs. */
export interface FileLoading {
  readonly cache: DownloadCache;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  readonly notify: (notice: EngineNotice) => void;
  /** How long the server may send nothing, 20 s by default; then it is asked again. */
  readonly idleTimeoutMs?: number;
}

/**
 * Loads a file, from the cache if it is there. Without a hash, an address stands for the content that it had
 * when it was first downloaded.
 *
 * @throws SamError `download-failed`, `file-unreadable`, `checkpoint-invalid` for content of another hash,
 *   `aborted`
 */
export async function loadFile(file: WeightsFile, loading: FileLoading): Promise<LoadedFile> {
  const { from } = file;
  if (typeof from !== "string") return checked("The file", await readBlob(from), file.sha256);
  const known = file.sha256 ?? (await loading.cache.hashOf(from));
  const kept = known && (await loading.cache.get(known));
  if (kept) {
    loading.notify(progress(from, kept.length, kept.length));
    return { name: from, bytes: kept, sha256: known };
  }
  const loaded = await checked(from, await download(from, loading), file.sha256);
  await loading.cache.put(loaded.sha256, loaded.bytes);
  await loading.cache.remember(from, loaded.sha256);
  return loaded;
}

async function checked(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  expected: string | undefined,
): Promise<LoadedFile> {
  const sha256 = await sha256Hex(bytes);
  if (expected === undefined || expected === sha256) return { name, bytes, sha256 };
  throw new SamError(
    "checkpoint-invalid",
    `${name} has the SHA-256 ${sha256} instead of ${expected}: it is another file, or was changed on the way.`,
  );
}

async function readBlob(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new SamError("file-unreadable", `The file cannot be read: ${reasonOf(cause)}.`, { cause });
  }
}

async function download(url: string, loading: FileLoading): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS } = loading;
  for (let connection = 1; ; connection++) {
    try {
      return await withIdleLimit(idleTimeoutMs, signal, (idleSignal, arrived) =>
        fetchWhole(url, { ...loading, signal: idleSignal }, arrived),
      );
    } catch (cause) {
      throwIfAborted(signal);
      if (isStalled(cause) && connection < MAX_SILENT_CONNECTIONS) continue;
      throw new SamError("download-failed", `Cannot download ${url}: ${reasonOf(cause)}.`, { cause });
    }
  }
}

async function fetchWhole(
  url: string,
  loading: FileLoading,
  arrived: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const { fetch, signal } = loading;
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  return collect(url, response, loading, arrived);
}

async function collect(
  url: string,
  response: Response,
  { notify }: FileLoading,
  arrived: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const totalBytes = sizeOf(response);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let receivedBytes = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    arrived();
    chunks.push(value);
    receivedBytes += value.length;
    notify(progress(url, receivedBytes, totalBytes));
  }
  const bytes = new Uint8Array(receivedBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The size that is coming, where the header tells it: of a compressed body it tells another. */
function sizeOf({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  return length === null || headers.has("content-encoding") ? undefined : Number(length);
}

function progress(file: string, receivedBytes: number, totalBytes: number | undefined): EngineNotice {
  return { kind: "download", file, receivedBytes, ...(totalBytes !== undefined && { totalBytes }) };
}
