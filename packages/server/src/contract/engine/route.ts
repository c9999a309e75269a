import type { z } from "zod";
import type { Role } from "./values.js";

/** What a route's object is; the parameter of this name has its id. */
export type RouteObject =
  | "project"
  | "task"
  | "job"
  | "annotation"
  | "issue"
  | "invitation"
  | "webhook"
  | "delivery"
  | "work"
  | "model";

/**
 * Who may call a route.
 *
 * - `anyone`: also without signing in
 * - `signed-in`: every person; the route itself limits what it shows
 * - `administrator`
 * - `member`: who has at least this role in the project that the object `of` belongs to
 * - `participant`: who works on the job that the object `of` belongs to (its assignee, annotator or
 *   reviewer), and who has at least the role `or` in its project
 */
export type Rule =
  | { readonly who: "anyone" }
  | { readonly who: "signed-in" }
  | { readonly who: "administrator" }
  | { readonly who: "member"; readonly role: Role; readonly of: RouteObject }
  | { readonly who: "participant"; readonly or: Role; readonly of: "job" | "annotation" | "issue" };

/** A route of the data engine: who may call it, what it takes and what it returns. */
export interface EngineRoute {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** In Fastify's syntax. */
  readonly url: `/v1/engine/${string}`;
  readonly summary: string;
  readonly rule: Rule;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The response's body; `undefined` for none, with status 204. */
  readonly answer?: z.ZodType;
  /** Name of the file, for an answer that is a table as CSV: `answer` is a string then. */
  readonly csv?: string;
  /** Whether the body is a form with one file, in the field `file`. */
  readonly upload?: true;
  /** The answer is a file of this type, and has no schema. */
  readonly download?: "application/zip";
  /** 201 where something is created; 200 by default. */
  readonly status?: 201;
  /** Whether the answer has a version, sent as `ETag`, and a change needs the version in `If-Match`. */
  readonly versioned?: "read" | "write";
  /** Most values of the JSON body, nested ones included; 1,000 by default. */
  readonly maxValues?: number;
}

/** Names of the parameters in a path: "project" | "person" for "/projects/:project/members/:person". */
type ParameterNames<Url extends string> = Url extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParameterNames<`/${Rest}`>
  : Url extends `${string}:${infer Name}`
    ? Name
    : never;

/** The parameters of a route's path. */
export type RouteParams<R extends EngineRoute> = { readonly [K in ParameterNames<R["url"]>]: string };

/** The same, all of it read-only. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** What a caller sends as the field of a request that the schema checks. */
export type RouteInput<R extends EngineRoute, Part extends "query" | "body"> = R[Part] extends z.ZodType
  ? DeepReadonly<z.input<R[Part]>>
  : undefined;

/** What a handler receives of it. */
export type RouteOutput<R extends EngineRoute, Part extends "query" | "body"> = R[Part] extends z.ZodType
  ? z.output<R[Part]>
  : undefined;

/** What a route returns; of a file, its bytes. */
export type RouteAnswer<R extends EngineRoute> = R["answer"] extends z.ZodType
  ? z.output<R["answer"]>
  : R["download"] extends string
    ? ReadableStream<Uint8Array>
    : undefined;
