import { printable } from "@segany/masks";
import { DataEngineError } from "../errors.js";

/** Name of the person on a machine without accounts. Nobody can sign in as this person. */
export const LOCAL_NAME = "local";

/** The local person, and the author of what the machine makes; both can't sign in. */
export const RESERVED_NAMES: readonly string[] = [LOCAL_NAME, "segany"];

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u;

/**
 * The form in which a name is stored and compared: in lower case.
 *
 * @throws DataEngineError `invalid`
 */
export function readName(text: string): string {
  const name = normalName(text);
  if (RESERVED_NAMES.includes(name))
    throw new DataEngineError("invalid", `The name "${name}" is reserved; choose another one.`);
  if (NAME.test(name)) return name;
  throw new DataEngineError(
    "invalid",
    `The name "${printable(text.slice(0, 70))}" can't be used: up to 64 letters, digits and . _ @ + - are allowed, ` +
      "a letter or digit first.",
  );
}

/** As `readName`, for comparing: a name that nobody can have is nobody's. */
export function normalName(text: string): string {
  return text.normalize("NFKC").trim().toLowerCase();
}
