/** Requests to the server, with its errors as ours. Addresses are relative to the page's own. */

import { errorSchema } from "@segany/server/contract";
import { StudioError } from "../errors.js";

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
  readonly signal?: AbortSignal | undefined;
  /** Lets it outlive the page where its body is small enough for that. */
  readonly keepalive?: boolean;
}

/** What browsers send for a page that is gone, bytes. */
const MAX_KEEPALIVE = 60_000;

/** The answer, if it is a success. @throws StudioError with the server's code, or `server-unreachable` */
export async function request(
  url: string,
  { method = "GET", json, signal, keepalive = false }: RequestOptions = {},
): Promise<Response> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    ...(signal && { signal }),
    ...(body !== undefined && {
      body,
      headers: { "Content-Type": "application/json" },
      keepalive: keepalive && body.length < MAX_KEEPALIVE,
    }),
  }).catch((cause: Error) => {
    if (cause.name === "AbortError") throw cause;
    throw unreachable(cause);
  });
  if (response.ok) return response;
  throw errorOf(response.status, await response.text());
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

/** What a failed answer says, or at least its status. */
export function errorOf(status: number, body: string): StudioError {
  const parsed = errorSchema.safeParse(parseJson(body));
  if (parsed.success) return new StudioError(parsed.data.code, parsed.data.message);
  return new StudioError(
    status === 404 ? "not-found" : "internal",
    `The server answered with status ${status}.`,
  );
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
