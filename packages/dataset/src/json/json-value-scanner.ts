import { DatasetError } from "../errors.js";
import {
  backslash,
  closeBrace,
  closeBracket,
  comma,
  isSpace,
  openBrace,
  openBracket,
  quote,
} from "./json-bytes.js";

/** Finds where one value ends after another. */
export interface ValueScanner {
  /** Whether a value has begun and not ended. */
  isOpen(): boolean;
  /** Begins a value or goes on with the open one; gives where it ended, or the chunk's length. */
  scan(chunk: Uint8Array, from: number, onEnd: (bytes: Uint8Array) => void): number;
}

/** Finds where one value ends, knowing of JSON only brackets, strings and what separates values. */
export function createValueScanner(label: string, maxPieceBytes: number, maxDepth: number): ValueScanner {
  const finder = createEndFinder(label, maxDepth);
  let isOpen = false;
  let parts: Uint8Array[] = [];
  let heldBytes = 0;
  return {
    isOpen: () => isOpen,
    scan(chunk, from, onEnd) {
      if (!isOpen) finder.begin(chunk[from]!);
      isOpen = true;
      const end = finder.find(chunk, from);
      const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
      heldBytes += piece.length;
      if (heldBytes > maxPieceBytes) {
        throw new DatasetError(
          "dataset-too-large",
          `${label}: a single value has more than ${maxPieceBytes} bytes, which no image or annotation needs.`,
        );
      }
      if (end < 0) {
        // The chunk's memory is the stream's; a copy keeps only what is needed.
        parts.push(piece.slice());
        return chunk.length;
      }
      const whole = parts.length === 0 ? piece : joinBytes([...parts, piece], heldBytes);
      parts = [];
      heldBytes = 0;
      isOpen = false;
      onEnd(whole);
      return end;
    },
  };
}

/** Looks for the end of one value, however many chunks it is spread over. */
interface EndFinder {
  /** @param first the value's first byte */
  begin(first: number): void;
  /** The place behind the value's last byte; -1 where it goes on in the next chunk. */
  find(chunk: Uint8Array, from: number): number;
}

function createEndFinder(label: string, maxDepth: number): EndFinder {
  let isNested = false;
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** Whether the byte ends a string. */
  const endsString = (byte: number): boolean => {
    if (escaped) escaped = false;
    else if (byte === backslash) escaped = true;
    else if (byte === quote) inString = false;
    return !inString;
  };
  return {
    begin(first) {
      isNested = first === openBrace || first === openBracket;
      depth = 0;
    },
    find(chunk, from) {
      for (let at = from; at < chunk.length; at++) {
        const byte = chunk[at]!;
        if (inString) {
          if (endsString(byte) && depth === 0) return at + 1;
        } else if (byte === quote) {
          inString = true;
        } else if (byte === openBrace || byte === openBracket) {
          if (++depth > maxDepth) throw tooDeep(label, maxDepth);
        } else if (isNested && (byte === closeBrace || byte === closeBracket)) {
          if (--depth === 0) return at + 1;
        } else if (!isNested && endsScalar(byte)) {
          return at;
        }
      }
      return -1;
    },
  };
}

function tooDeep(label: string, maxDepth: number): DatasetError {
  return new DatasetError("json-invalid", `${label}: values are nested deeper than ${maxDepth} levels.`);
}

function joinBytes(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function endsScalar(byte: number): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || isSpace(byte);
}
