/** Files whose authors publish no hash: their host tells it, and it is remembered beside the file. */
import { SamError, throwIfAborted } from "@segany/masks";
import type { PublishedFile } from "@segany/runtime";
import { readFileUpTo, writeFileAtomic } from "@segany/runtime/files";
import type { FileDownloadOptions } from "@segany/runtime/node";

/** How long a host may think about a file's size and hash. */
const ANSWER_WITHIN_MS = 20_000;

/**
 * Asks a host for the size and the SHA-256 of a file, as Hugging Face tells them: `X-Linked-Size` and
 * `X-Linked-ETag`, beside the redirection to the file.
 *
 * @throws SamError `download-failed`, `aborted`
 */
export async function askHost(
  url: string,
  { fetch = globalThis.fetch, signal, idleTimeoutMs = ANSWER_WITHIN_MS }: FileDownloadOptions,
): Promise<PublishedFile> {
  const { headers, status } = await headOf(url, fetch, idleTimeoutMs, signal);
  const sizeBytes = Number(headers.get("x-linked-size") ?? Number.NaN);
  const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(headers.get("x-linked-etag") ?? "")?.[1];
  if (status < 400 && Number.isSafeInteger(sizeBytes) && sizeBytes > 0 && sha256 !== undefined)
    return { url, sizeBytes, sha256 };
  throw new SamError(
    "download-failed",
    `the server answered ${status} without the file's size and SHA-256 (X-Linked-Size, X-Linked-ETag), so nobody could tell whether the download is whole`,
  );
}

async function headOf(
  url: string,
  fetch: typeof globalThis.fetch,
  withinMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const late = AbortSignal.timeout(withinMs);
  try {
    return await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
  } catch (cause) {
    throwIfAborted(signal);
    const reason = late.aborted ? `no answer within ${withinMs / 1000} s` : (cause as Error).message;
    throw new SamError("download-failed", reason, { cause });
  }
}

const MAX_RECORD_BYTES = 4096;

/** What a file had to be when it was downloaded first; undefined where nothing is remembered. */
export async function rememberedFile(path: string): Promise<PublishedFile | undefined> {
  try {
    const record = JSON.parse((await readFileUpTo(recordPath(path), MAX_RECORD_BYTES)).toString("utf8"));
    const { url, sizeBytes, sha256 } = record as Readonly<Record<string, unknown>>;
    const isRecord =
      typeof url === "string" && Number.isSafeInteger(sizeBytes) && /^[0-9a-f]{64}$/.test(`${sha256}`);
    return isRecord ? { url, sizeBytes: Number(sizeBytes), sha256: `${sha256}` } : undefined;
  } catch {
    return undefined; // none, or damaged: the host is asked again
  }
}

/** @throws SamError `file-unwritable` */
export async function rememberFile(path: string, file: PublishedFile): Promise<void> {
  await writeFileAtomic(recordPath(path), `${JSON.stringify(file, null, 2)}\n`);
}

/** Where it is remembered. */
export function recordPath(path: string): string {
  return `${path}.json`;
}
