import { DatasetError } from "../errors.js";
import { backslash, closeBrace, closeBracket, openBrace, openBracket, quote } from "./json-bytes.js";

const decoder = new TextDecoder();

/** The deepest nesting to accept. No format needs it, and code that walks values would run out of stack far below. */
export const maxJsonDepth = 64;

/**
 * Parses a whole file or message as JSON.
 *
 * @param where what to call it in an error message
 * @throws DatasetError `json-invalid`, also for what is nested deeper than `maxJsonDepth`
 */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  if (isDeeperThan(bytes, maxJsonDepth)) {
    throw new DatasetError("json-invalid", `${where} is nested deeper than ${maxJsonDepth} levels.`);
  }
  return parseJsonPiece(bytes, where);
}

/**
 * The same for a piece that the splitter cut out, whose depth is known.
 *
 * @throws DatasetError `json-invalid`
 */
export function parseJsonPiece(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new DatasetError("json-invalid", `${where} is not valid JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Whether lists and objects lie in each other deeper than that; knows of JSON only brackets and strings. */
export function isDeeperThan(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) at = endOfString(bytes, at);
    else if ((byte === openBrace || byte === openBracket) && ++depth > maxDepth) return true;
    else if (byte === closeBrace || byte === closeBracket) depth--;
  }
  return false;
}

/** The place of the closing quote, or the end. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
