import { DatasetError } from "../errors.js";
import {
  closeBrace,
  closeBracket,
  colon,
  comma,
  isSpace,
  openBrace,
  openBracket,
  quote,
} from "./json-bytes.js";
import { createValueScanner } from "./json-value-scanner.js";
import { parseJson } from "./parse-json.js";

/** A value found in a JSON file: a member of the top object, or an entry of a member that is a list. */
export interface JsonPiece {
  /** The member's name. */
  readonly key: string;
  /** The place in the list, or `undefined` where the member is not split. */
  readonly index: number | undefined;
  /** The value's own bytes, valid only during the call. */
  readonly bytes: Uint8Array;
}

/** Settings of {@link createJsonSplitter}. */
export interface JsonSplitterOptions {
  /** What to call the file in an error message. */
  readonly label: string;
  /** Whether a member's list is given entry by entry; the values of all others are given whole. */
  readonly isSplit: (key: string) => boolean;
  readonly onPiece: (piece: JsonPiece) => void;
  /** The longest single piece to accept; it bounds the memory. */
  readonly maxPieceBytes?: number;
  /** The deepest nesting within a piece to accept. */
  readonly maxDepth?: number;
}

/** Takes a JSON file in pieces of any length. */
export interface JsonSplitter {
  /** @throws DatasetError `json-invalid`, `dataset-too-large` */
  write(chunk: Uint8Array): void;
  /** @throws DatasetError `json-invalid` when the file ends too early */
  end(): void;
}

type State =
  | "start"
  | "first-key-or-end"
  | "key"
  | "colon"
  | "value"
  | "first-entry-or-end"
  | "entry"
  | "comma-or-list-end"
  | "comma-or-end"
  | "done";

/** What some editors put before the text. */
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Cuts a JSON file whose top is an object into values small enough for `JSON.parse`, as the bytes come. So a file beyond
 * the 512 MB a JavaScript string can hold is read in bounded memory, at over ten times the speed of a parser that builds
 * every value itself. The structure around the pieces is checked here; each piece is checked by whoever parses it.
 */
export function createJsonSplitter({
  label,
  isSplit,
  onPiece,
  maxPieceBytes = 2 ** 27,
  maxDepth = 64,
}: JsonSplitterOptions): JsonSplitter {
  const keys = new Set<string>();
  const scanner = createValueScanner(label, maxPieceBytes, maxDepth);
  let state: State = "start";
  let key = "";
  let index: number | undefined;
  let position = 0;

  const fail = (byte: number, at: number): DatasetError =>
    new DatasetError(
      "json-invalid",
      `${label}: not valid JSON of a data set, unexpected ${JSON.stringify(String.fromCharCode(byte))} at byte ${position + at}.`,
    );

  const finishKey = (bytes: Uint8Array): void => {
    key = String(parseJson(bytes, `${label}: a name at byte ${position}`));
    if (keys.has(key))
      throw new DatasetError("json-invalid", `${label}: ${JSON.stringify(key)} is there twice.`);
    keys.add(key);
    state = "colon";
  };

  const finishValue = (bytes: Uint8Array): void => {
    onPiece({ key, index, bytes });
    state = index === undefined ? "comma-or-end" : "comma-or-list-end";
    if (index !== undefined) index++;
  };

  /** Takes a byte between values; true when a value (or a key) begins with it. */
  const step = (byte: number, at: number): boolean => {
    switch (state) {
      case "start":
        if (byte === byteOrderMark[position + at]) return false;
        if (byte !== openBrace) throw fail(byte, at);
        state = "first-key-or-end";
        return false;
      case "first-key-or-end":
      case "key":
        if (byte === closeBrace && state === "first-key-or-end") state = "done";
        else if (byte === quote) return true;
        else throw fail(byte, at);
        return false;
      case "colon":
        if (byte !== colon) throw fail(byte, at);
        state = "value";
        return false;
      case "value":
        index = undefined;
        if (byte !== openBracket || !isSplit(key)) return true;
        index = 0;
        state = "first-entry-or-end";
        return false;
      case "first-entry-or-end":
      case "entry":
        if (byte !== closeBracket) return true;
        if (state === "entry") throw fail(byte, at);
        state = "comma-or-end";
        return false;
      case "comma-or-list-end":
        if (byte === comma) state = "entry";
        else if (byte === closeBracket) state = "comma-or-end";
        else throw fail(byte, at);
        return false;
      case "comma-or-end":
        if (byte === comma) state = "key";
        else if (byte === closeBrace) state = "done";
        else throw fail(byte, at);
        return false;
      case "done":
        throw fail(byte, at);
    }
  };

  const finish = (bytes: Uint8Array): void => {
    if (state === "key" || state === "first-key-or-end") finishKey(bytes);
    else finishValue(bytes);
  };

  return {
    write(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (!scanner.isOpen()) {
          const byte = chunk[at]!;
          if (isSpace(byte) || !step(byte, at)) {
            at++;
            continue;
          }
          if (byte === comma || byte === colon || byte === closeBrace || byte === closeBracket) {
            throw fail(byte, at);
          }
          scanner.begin(byte);
        }
        at = scanner.scan(chunk, at, finish);
      }
      position += chunk.length;
    },
    end() {
      if (state === "done") return;
      throw new DatasetError(
        "json-invalid",
        `${label}: the file ends in the middle, after ${position} bytes; it is damaged or cut off.`,
      );
    },
  };
}
