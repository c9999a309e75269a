import { type ApiErrorCode, errorSchema } from "../errors.js";
import type { EngineRoute, RouteAnswer, RouteInput, RouteParams } from "./route.js";
import { ENGINE_ROUTES, type EngineRouteName, type EngineRoutes } from "./routes.js";

/** A response that is an error, with the code of the contract. */
export class EngineApiError extends Error {
  override readonly name = "EngineApiError";
  readonly code: ApiErrorCode;
  readonly status: number;

  constructor(code: ApiErrorCode, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

type Part<K extends string, V> = [V] extends [undefined]
  ? unknown
  : undefined extends V
    ? { readonly [P in K]?: V }
    : Record<never, never> extends V
      ? { readonly [P in K]?: V }
      : { readonly [P in K]: V };

/**
 * What a call takes: the path's parameters, the query, the body, and the version that a change is based on.
 */
export type EngineRequest<R extends EngineRoute> = (keyof RouteParams<R> extends never
  ? unknown
  : { readonly params: RouteParams<R> }) &
  Part<"query", RouteInput<R, "query">> &
  Part<"body", RouteInput<R, "body">> &
  (R["upload"] extends true ? { readonly file: Blob } : unknown) &
  (R["versioned"] extends "write" ? { readonly version: number } : unknown);

type Call<R extends EngineRoute> =
  Record<never, never> extends EngineRequest<R>
    ? (request?: EngineRequest<R>) => Promise<RouteAnswer<R>>
    : (request: EngineRequest<R>) => Promise<RouteAnswer<R>>;

/** A function for each route of the table. */
export type EngineClient = { readonly [Name in EngineRouteName]: Call<EngineRoutes[Name]> };

export interface EngineClientOptions {
  /** An API token; in a page the session's cookie is sent instead. */
  readonly token?: string;
  /** Sends the requests; the platform's `fetch` by default. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * A client of the data engine, made from the table of its routes. Answers are checked against their schemas.
 *
 * @param baseUrl address of the server: "http://127.0.0.1:8765/"
 */
export function createEngineClient(
  baseUrl: string | URL,
  { token, fetch = globalThis.fetch.bind(globalThis) }: EngineClientOptions = {},
): EngineClient {
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const calls = Object.entries<EngineRoute>(ENGINE_ROUTES).map(([name, route]) => [
    name,
    async (request: LooseRequest = {}) => {
      const url = new URL(addressOf(route, request), baseUrl);
      const response = await fetch(url, {
        method: route.method,
        headers: headersOf(request, authorization),
        ...bodyOf(request),
      });
      return readAnswer(response, route);
    },
  ]);
  return Object.fromEntries(calls) as EngineClient;
}

interface LooseRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly file?: Blob;
  readonly version?: number;
}

function addressOf({ url }: EngineRoute, { params = {}, query = {} }: LooseRequest): string {
  const path = url.replace(/:([\w-]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(
    Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  ).toString();
  return path.slice(1) + (search && `?${search}`);
}

function bodyOf({ body, file }: LooseRequest): { readonly body?: string | FormData } {
  if (body !== undefined) return { body: JSON.stringify(body) };
  if (!file) return {};
  const form = new FormData();
  form.set("file", file);
  return { body: form };
}

function headersOf(
  { body, version }: LooseRequest,
  authorization: string | undefined,
): Record<string, string> {
  return {
    ...(authorization !== undefined && { authorization }),
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(version !== undefined && { "if-match": `"${version}"` }),
  };
}

async function readAnswer(response: Response, { answer, csv, download }: EngineRoute): Promise<unknown> {
  if (!response.ok) throw await readError(response);
  if (download) return response.body;
  if (!answer) return undefined;
  return answer.parse(await (csv === undefined ? response.json() : response.text()));
}

async function readError(response: Response): Promise<Error> {
  const body = errorSchema.safeParse(await response.json().catch(() => undefined));
  if (body.success) return new EngineApiError(body.data.code, body.data.message, response.status);
  return new Error(
    `The server answered ${response.status} without an error of the API; is it a Segany server?`,
  );
}
