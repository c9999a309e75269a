import type { ZodError, z } from "zod";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";

/**
 * Validates input against its schema.
 *
 * @param what its name in the message, for example "The prompt"
 * @throws ServerError with the given code, naming the field and what is wrong with it
 */
export function readInput<T extends z.ZodType>(
  schema: T,
  value: unknown,
  what: string,
  code: ApiErrorCode = "bad-request",
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ServerError(code, `${what} is invalid: ${firstIssue(result.error)}.`);
}

function firstIssue({ issues }: ZodError): string {
  const issue = issues[0];
  if (!issue) return "it does not match its schema";
  const place = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return `${place}${issue.message}`.replace(/\.$/, "").slice(0, 300);
}
