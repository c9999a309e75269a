import type { z } from "zod";
import type { Rule } from "../contract/engine/route.js";

/** What is answered. */
export type Content = z.ZodType | "binary" | "events" | "png" | "text" | "csv" | "zip" | "none";

/**
 * Who may call a route once people have accounts. `image`: who may see the image of the path's id; `job`: who
 * may see that job's image. A route of the data engine has its own rule.
 */
export type OperationRule = "anyone" | "signed-in" | "administrator" | "image" | "job" | Rule;

/** A route of the API. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** In Fastify's syntax. */
  readonly path: string;
  readonly rule: OperationRule;
  readonly summary: string;
  readonly query?: readonly string[];
  readonly body?: z.ZodType | "upload";
  readonly status: number;
  readonly answer: Content;
  /** When the response is 204 without a body instead. */
  readonly nothingWhen?: string;
  /** Whether it reads or writes a versioned resource, with an `ETag` and conditional requests. */
  readonly versioned?: "read" | "write" | "change";
}
