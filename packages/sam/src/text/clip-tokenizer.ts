import { SamError } from "@segany/masks";
import type { BytePairs } from "./byte-pairs.js";
import { cleanText } from "./clean-text.js";

/** Tokens that CLIP's text tower reads, both marks included. */
export const CLIP_CONTEXT = 77;

/** Settings of {@link ClipTokenizer.tokenize}. */
export interface TokenizeOptions {
  /** Number of tokens with both marks, 77 by default; 16 for OWL-ViT, 32 for SAM 3. */
  readonly length?: number;
  /** Cuts a text with too many tokens, and keeps the end mark last. By default it is an error. */
  readonly truncate?: boolean;
}

/**
 * CLIP's tokenizer: byte-level byte-pair encoding of 49,408 ids (`SimpleTokenizer` of openai/CLIP). A mark
 * that a text contains (`<|endoftext|>`) is read as the mark, as there; the text tower stops at the first.
 */
export interface ClipTokenizer {
  /** Number of ids: 49,408 with the published vocabulary. */
  readonly size: number;
  /** Id of the mark before every text, 49406. */
  readonly start: number;
  /** Id of the mark after every text, 49407. */
  readonly end: number;
  /**
   * Ids of a text, without marks before and after it.
   *
   * @throws SamError `prompt-invalid` for more than 4096 UTF-16 units and for half of a surrogate pair
   */
  encode(text: string): number[];
  /**
   * Start mark, ids and end mark, then zeros up to the length (`clip.tokenize`).
   *
   * @throws SamError `prompt-invalid` as `encode`, and for too many tokens unless `truncate` is set;
   *   `option-invalid` for a length below 3
   */
  tokenize(text: string, options?: TokenizeOptions): Int32Array;
  /** The cleaned text of ids up to the first end mark, with a blank after each word. */
  decode(ids: Iterable<number>): string;
}

const START = "<|startoftext|>";
const END = "<|endoftext|>";

/** What a text is split into before its bytes are paired. It is lower case by then. */
const PIECES = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;

/** A tokenizer over the tables of a vocabulary, whose last ids are the marks. */
export function createClipTokenizer(pairs: BytePairs): ClipTokenizer {
  const [start, end] = [pairs.size, pairs.size + 1];
  const marks = new Map([
    [START, start],
    [END, end],
  ]);
  const utf8 = new TextEncoder();

  function encode(text: string): number[] {
    return (cleanText(text).match(PIECES) ?? []).flatMap((piece) => {
      const mark = marks.get(piece);
      return mark === undefined ? pairs.encode(utf8.encode(piece)) : [mark];
    });
  }

  return {
    size: pairs.size + marks.size,
    start,
    end,
    encode,
    tokenize(text, { length = CLIP_CONTEXT, truncate = false } = {}) {
      checkLength(length);
      const ids = encode(text);
      if (ids.length > length - 2 && !truncate) throw tooLong(ids.length, length - 2);
      return paddedWith([start, ...ids.slice(0, length - 2), end], length);
    },
    decode: (ids) => decodeIds(ids, pairs),
  };
}

function decodeIds(ids: Iterable<number>, pairs: BytePairs): string {
  const bytes: number[] = [];
  for (const id of ids) {
    if (id === pairs.size + 1) break;
    if (id >= pairs.size) continue;
    const part = pairs.bytesOf(id);
    bytes.push(...part.bytes, ...(part.endsWord ? [0x20] : []));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes)).trimEnd();
}

function paddedWith(ids: readonly number[], length: number): Int32Array {
  const padded = new Int32Array(length);
  padded.set(ids);
  return padded;
}

function checkLength(length: number): void {
  if (Number.isInteger(length) && length >= 3) return;
  throw new SamError(
    "option-invalid",
    `A text of ${length} tokens is not possible; give an integer from 3 on.`,
  );
}

function tooLong(tokens: number, most: number): SamError {
  return new SamError(
    "prompt-invalid",
    `The text has ${tokens} tokens, of which ${most} fit. Shorten it, or set \`truncate\` to read only its beginning.`,
  );
}
