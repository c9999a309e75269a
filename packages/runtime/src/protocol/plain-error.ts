/** An error as it travels: everything that tells what happened, as plain data. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Its own texts, numbers and flags, such as `code`. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: PlainError;
}

/** Classes that errors become again, by their name; each has a code. */
export type ErrorClasses = Readonly<
  Record<string, new (code: never, message: string, options?: ErrorOptions) => Error>
>;

/** Causes of causes; a chain may be a circle. */
const MAX_CAUSES = 8;

/** Whatever was thrown, as plain data. */
export function toPlainError(error: unknown, causesLeft = MAX_CAUSES): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: messageOf(error), fields: {} };
  const { name, message, stack, cause } = error;
  const hasCause = cause !== undefined && causesLeft > 0;
  return {
    name: String(name),
    message: String(message),
    ...(typeof stack === "string" && { stack }),
    fields: Object.fromEntries(Object.entries(error).filter(isField)),
    ...(hasCause && { cause: toPlainError(cause, causesLeft - 1) }),
  };
}

/** The error again: of its own class where that is among `classes`, else an `Error` of that name. */
export function fromPlainError(plain: PlainError, classes: ErrorClasses = {}): Error {
  const { name, message, stack, fields = {}, cause } = plain;
  const options = cause ? { cause: fromPlainError(cause, classes) } : {};
  const Class = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const error = Class ? new Class(fields.code as never, message, options) : new Error(message, options);
  if (error.name !== name) define(error, "name", name);
  if (stack !== undefined) define(error, "stack", stack);
  return Object.assign(error, fields);
}

function define(error: Error, key: "name" | "stack", value: string): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}

function isField([key, value]: [string, unknown]): boolean {
  if (key === "name" || key === "message" || key === "stack" || key === "cause") return false;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/**
 * What was thrown, in words, whatever it is.
 *
 * @example
 * console.log(messageOf(new Error("disk full")), messageOf("gone")); // disk full gone
 */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return "Something was thrown that is no error."; // such as an object without a prototype
  }
}
