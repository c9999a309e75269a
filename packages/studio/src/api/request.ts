/** Requests to the server, with its errors as ours. Addresses are relative to the page's own. */

import { errorSchema } from "@segany/server/contract";
import { StudioError, type StudioErrorCode } from "../errors.js";

/** Something that checks JSON, such as a schema of the contract. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: Error };
}

/** A request. `json` is sent as the body. */
export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Lets it outlive the page where its body is small enough for that. */
  readonly keepalive?: boolean;
}

/** What browsers send for a page that is gone, bytes. */
const MAX_KEEPALIVE = 60_000;

/** The answer, if it is a success. @throws StudioError with the server's code, or `server-unreachable` */
export async function request(
  url: string,
  { method = "GET", json, headers, signal, keepalive = false }: RequestOptions = {},
): Promise<Response> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    ...(signal && { signal }),
    ...(body !== undefined && {
      body,
      headers: { ...headers, "Content-Type": "application/json" },
      keepalive: keepalive && body.length < MAX_KEEPALIVE,
    }),
  }).catch((cause: Error) => {
    if (cause.name === "AbortError") throw cause;
    throw unreachable(cause);
  });
  if (response.ok) return response;
  throw errorOf(response.status, await response.text(), response.headers.get("Retry-After"));
}

/** The answer as checked JSON. @throws StudioError, also `answer-invalid` */
export async function requestJson<T>(url: string, schema: Schema<T>, options?: RequestOptions): Promise<T> {
  const response = await request(url, options);
  return parseAnswer(await response.text(), schema);
}

/** @throws StudioError `answer-invalid` */
export function parseAnswer<T>(text: string, schema: Schema<T>): T {
  const result = schema.safeParse(parseJson(text));
  if (result.success) return result.data;
  throw new StudioError(
    "answer-invalid",
    "The server's answer is not what this page knows: one of them is of another version. Reload the page.",
    { cause: result.error },
  );
}

/** What a failed answer says, or at least its status. @param retryAfter the header of that name */
export function errorOf(status: number, body: string, retryAfter: string | null): StudioError {
  const retryAfterMs = parseRetryAfter(retryAfter);
  const parsed = errorSchema.safeParse(parseJson(body));
  if (parsed.success) return new StudioError(parsed.data.code, parsed.data.message, { retryAfterMs });
  return new StudioError(codeOf(status), `The server answered with status ${status}.`, { retryAfterMs });
}

/** For answers that are not of our server, but of something before it. */
function codeOf(status: number): StudioErrorCode {
  switch (status) {
    case 404:
      return "not-found";
    case 429:
      return "too-many-requests";
    case 502:
    case 503:
    case 504:
      return "overloaded";
    default:
      return "internal";
  }
}

/** The header holds seconds or a date; null for anything else. */
function parseRetryAfter(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const ms = header.endsWith("GMT") ? Date.parse(header) - Date.now() : Number.NaN;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

export function unreachable(cause?: Error): StudioError {
  return new StudioError(
    "server-unreachable",
    "The server does not answer. Start it again with `segany serve`, or let the model run in this page.",
    { cause },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
