import { DatasetError } from "../errors.js";
import { decodeText, encodingOfMark } from "../text/decode-text.js";
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  openBrace,
  openBracket,
  quote,
} from "./json-bytes.js";

const encoder = new TextEncoder();

/**
 * The deepest nesting to accept. No format needs it, and code that walks values would run out of stack far
 * below.
 */
export const maxJsonDepth = 64;

/**
 * Parses a whole file or message as JSON. Whole numbers beyond 2^53, which JavaScript would round, come as
 * texts of their digits.
 *
 * @param where what to call it in an error message
 * @param encoding what the user says it is; UTF-8 by default
 * @throws DatasetError `json-invalid`, also for what is nested deeper than `maxJsonDepth`; `text-invalid`
 *
 * @example
 * console.log(parseJson(new TextEncoder().encode('{ "images": [] }'), "a.json")); // { images: [] }
 */
export function parseJson(bytes: Uint8Array, where: string, encoding?: string): unknown {
  const utf8 = isUtf8(bytes, encoding) ? bytes : encoder.encode(decodeText(bytes, where, encoding));
  if (measureJson(utf8).depth > maxJsonDepth) {
    throw new DatasetError("json-invalid", `${where} is nested deeper than ${maxJsonDepth} levels.`);
  }
  return parseJsonPiece(utf8, where);
}

/** Whether the bytes are what they are said to be in UTF-8, so that their brackets are brackets. */
function isUtf8(bytes: Uint8Array, encoding: string | undefined): boolean {
  return (encodingOfMark(bytes) ?? encoding ?? "utf-8") === "utf-8";
}

/**
 * The same for a piece that the splitter cut out, whose depth is known. Whole numbers beyond 2^53, which
 * JavaScript would round, come as texts of their digits.
 *
 * @throws DatasetError `json-invalid`, `text-invalid`
 */
export function parseJsonPiece(bytes: Uint8Array, where: string): unknown {
  const text = decodeText(bytes, where);
  try {
    return JSON.parse(hasLongInteger.test(text) ? withIntegersAsWritten(text) : text);
  } catch (cause) {
    throw new DatasetError("json-invalid", `${where} is not valid JSON: ${reasonOf(cause)}.`, { cause });
  }
}

const hasLongInteger = /[:,[\s-]\d{16,}\s*[,}\]]/;
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs;

function withIntegersAsWritten(text: string): string {
  return text.replace(stringOrNumber, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}

/** What the engine says, without the piece of the file that it adds. */
function reasonOf(error: unknown): string {
  return (error as Error).message.replace(/, (\.\.\.)?".*$/s, "");
}

/** What JSON is made of, without having built any of it. */
export interface JsonMeasure {
  /** How deep lists and objects lie in each other. */
  readonly depth: number;
  /** How many values there are at most: lists and objects, and what lies in them. */
  readonly values: number;
  /** How many members all objects have together. */
  readonly members: number;
  /** Whether as many brackets close as open. */
  readonly isBalanced: boolean;
}

/**
 * Measures JSON by its brackets, commas and colons; whether it is valid is for `JSON.parse` to say.
 *
 * @example
 * const { depth } = measureJson(new TextEncoder().encode("[[1, 2], [3]]"));
 * console.log(depth); // 2
 */
export function measureJson(bytes: Uint8Array): JsonMeasure {
  let [depth, open, values, members] = [0, 0, 1, 0];
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]!) {
      case quote:
        at = endOfString(bytes, at);
        break;
      case openBrace:
      case openBracket:
        values++;
        depth = Math.max(depth, ++open);
        break;
      case closeBrace:
      case closeBracket:
        open--;
        break;
      case comma:
        values++;
        break;
      case colon:
        members++;
        break;
    }
  }
  return { depth, values, members, isBalanced: open === 0 };
}

/** The place of the closing quote, or the end. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}
