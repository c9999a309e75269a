import type { ZodError, z } from "zod";
import type { ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";

/**
 * Checks what came from outside against its schema.
 *
 * @param what how to call it in the message: "The prompt"
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
  throw new ServerError(code, `${what} is not as it should be: ${firstIssue(result.error)}.`);
}

function firstIssue({ issues }: ZodError): string {
  const issue = issues[0];
  if (!issue) return "it does not fit its schema";
  const place = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  return `${place}${issue.message}`.replace(/\.$/, "").slice(0, 300);
}
