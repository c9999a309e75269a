/** Fetching a file over HTTP from any byte on; what is done with the bytes is the platform's part. */
import { SamError, throwIfAborted } from "@segany/masks";

/** A file as it is published: its address, and what it must be. */
export interface PublishedFile {
  readonly url: string;
  readonly sizeBytes: number;
  /** SHA-256, lower-case hex. */
  readonly sha256: string;
  /** MD5, lower-case hex, where it is published. */
  readonly md5?: string;
}

/** What a request needs beside the address. */
export interface RangeRequest {
  readonly fetch: typeof globalThis.fetch;
  /** Bytes that are there already; the answer may still begin at 0. */
  readonly offsetBytes: number;
  /** Size the whole file must have. */
  readonly sizeBytes: number;
  /** Version of the file that the bytes are from, if known: another one is then sent from its beginning. */
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The rest of a file, or all of it where the server would not begin in the middle. */
export interface RangeAnswer {
  /** Where in the file the body begins: the offset asked for, or 0. */
  readonly startBytes: number;
  readonly etag: string | undefined;
  readonly body: ReadableStream<Uint8Array>;
}

/**
 * Asks for the bytes of a file from an offset to its end.
 *
 * Servers that know no ranges (200), and files that have become shorter (416), are read from the beginning.
 *
 * @throws SamError `download-failed` without a connection, for an error status, or when the file's size is
 *   another than expected; `aborted`
 *
 * @example
 * import { createServer } from "node:http";
 * import type { AddressInfo } from "node:net";
 *
 * const server = createServer((_, response) => response.end("three masks"));
 * await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
 * const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
 * const { body } = await requestRange(url, { fetch, offsetBytes: 0, sizeBytes: 11 });
 * console.log(await new Response(body).text()); // three masks
 * server.close();
 */
export async function requestRange(url: string, request: RangeRequest): Promise<RangeAnswer> {
  const { offsetBytes, sizeBytes, signal } = request;
  const response = await send(url, request);
  if (response.status === 416 && offsetBytes > 0) {
    await response.body?.cancel();
    return requestRange(url, { ...request, offsetBytes: 0, etag: undefined });
  }
  if (response.status !== 200 && response.status !== 206) {
    await response.body?.cancel();
    throw new SamError(
      "download-failed",
      `the server answered ${response.status} ${response.statusText}`.trim(),
    );
  }
  const range = response.status === 206 ? parseContentRange(response) : wholeFile(response);
  const fits = range.startBytes === 0 || range.startBytes === offsetBytes;
  if (!fits || (range.totalBytes ?? sizeBytes) !== sizeBytes || response.body === null) {
    await response.body?.cancel();
    throwIfAborted(signal);
    throw new SamError(
      "download-failed",
      `the server offers bytes from ${range.startBytes} of a file of ${range.totalBytes} bytes, instead of ${sizeBytes} bytes`,
    );
  }
  const etag = response.headers.get("etag") ?? undefined;
  return { startBytes: range.startBytes, etag, body: response.body };
}

async function send(url: string, { fetch, offsetBytes, etag, signal }: RangeRequest): Promise<Response> {
  // Compressed on the way, a file would have neither its size nor its offsets.
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (offsetBytes > 0) {
    headers.range = `bytes=${offsetBytes}-`;
    // A weak tag must not be used for ranges (RFC 9110, 13.1.5).
    if (etag !== undefined && !etag.startsWith("W/")) headers["if-range"] = etag;
  }
  try {
    return await fetch(url, { headers, ...(signal && { signal }) });
  } catch (cause) {
    throwIfAborted(signal);
    throw new SamError("download-failed", reasonOf(cause), { cause });
  }
}

interface ContentRange {
  readonly startBytes: number;
  readonly totalBytes: number | undefined;
}

function parseContentRange(response: Response): ContentRange {
  const value = response.headers.get("content-range") ?? "";
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(value);
  if (match === null) throw new SamError("download-failed", `the server's content-range is "${value}"`);
  return { startBytes: Number(match[1]), totalBytes: match[2] === "*" ? undefined : Number(match[2]) };
}

function wholeFile(response: Response): ContentRange {
  const length = response.headers.get("content-length");
  return { startBytes: 0, totalBytes: length === null ? undefined : Number(length) };
}

/**
 * The innermost reason of an error: `fetch` only says "fetch failed" and keeps the network's answer as its
 * cause.
 *
 * @example
 * const error = new TypeError("fetch failed", { cause: new Error("connection refused") });
 * console.log(reasonOf(error)); // connection refused
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return error.message || code || error.name;
}
