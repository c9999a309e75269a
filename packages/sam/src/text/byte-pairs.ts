/**
 * Byte-pair encoding as CLIP has it: a word is its UTF-8 bytes, joined pair by pair in the order of a table.
 */

/** What the last byte of a word is written with. */
const WORD_END = "</w>";

/** Ids of bytes inside a word, and as many of bytes that end one; merged pairs follow. */
const BYTES = 256;

/** Multiplier that makes one number of a pair of ids. */
const PAIR = 2 ** 16;

/** The tables made from a list of merges. */
export interface BytePairs {
  /** Number of ids: 512 and one for each merge. */
  readonly size: number;
  /** Ids of a word of at least one byte. */
  encode(word: Uint8Array): number[];
  /** The bytes of an id, and whether a word ends with it. */
  bytesOf(id: number): { readonly bytes: Uint8Array; readonly endsWord: boolean };
}

/**
 * Makes the tables.
 *
 * @param merges lines of OpenAI's vocabulary, "t h" or "th e</w>": line i joins two symbols to the id 512 +
 *   i
 * @returns undefined if a line joins what no earlier line has made
 */
export function createBytePairs(merges: readonly string[]): BytePairs | undefined {
  const symbols = byteSymbols();
  const byteIds = new Uint16Array(BYTES);
  symbols.forEach(({ byte }, id) => {
    byteIds[byte] = id;
  });
  const texts = [...symbols.map(({ symbol }) => symbol), ...symbols.map(({ symbol }) => symbol + WORD_END)];
  const ids = new Map(texts.map((text, id) => [text, id]));
  const merged = new Map<number, number>();
  for (const line of merges) {
    const [left = "", right = ""] = line.split(" ");
    const [a, b] = [ids.get(left), ids.get(right)];
    if (a === undefined || b === undefined) return undefined;
    merged.set(a * PAIR + b, texts.length);
    ids.set(left + right, texts.length);
    texts.push(left + right);
  }
  const byteOf = new Map(symbols.map(({ symbol, byte }) => [symbol, byte]));
  return {
    size: texts.length,
    encode: (word) => mergePairs(startIds(word, byteIds), merged),
    bytesOf(id) {
      const text = texts[id] ?? "";
      const endsWord = text.endsWith(WORD_END);
      const symbolsOnly = endsWord ? text.slice(0, -WORD_END.length) : text;
      return { bytes: Uint8Array.from(symbolsOnly, (symbol) => byteOf.get(symbol)!), endsWord };
    },
  };
}

/**
 * The printable character that stands for each byte in the table, in the order of the ids
 * (`bytes_to_unicode` of openai/CLIP): bytes that print in Latin-1 stand for themselves, the others for
 * U+0100 and on.
 */
function byteSymbols(): { readonly symbol: string; readonly byte: number }[] {
  const all = Array.from({ length: BYTES }, (_, byte) => byte);
  const prints = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  const others = all.filter((byte) => !prints(byte));
  return [
    ...all.filter(prints).map((byte) => ({ symbol: String.fromCharCode(byte), byte })),
    ...others.map((byte, i) => ({ symbol: String.fromCharCode(BYTES + i), byte })),
  ];
}

function startIds(word: Uint8Array, byteIds: Uint16Array): number[] {
  const ids = Array.from(word, (byte) => byteIds[byte]!);
  ids[ids.length - 1]! += BYTES;
  return ids;
}

/** Joins the pair that comes first in the table, everywhere, until no pair is in it. */
function mergePairs(ids: number[], merged: ReadonlyMap<number, number>): number[] {
  for (;;) {
    let first = Number.POSITIVE_INFINITY;
    for (let i = 1; i < ids.length; i++) {
      const id = merged.get(ids[i - 1]! * PAIR + ids[i]!);
      if (id !== undefined && id < first) first = id;
    }
    if (first === Number.POSITIVE_INFINITY) return ids;
    ids = joinEverywhere(ids, first, merged);
  }
}

/** From the left on, without overlap. */
function joinEverywhere(ids: readonly number[], id: number, merged: ReadonlyMap<number, number>): number[] {
  const joined: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const isPair = i + 1 < ids.length && merged.get(ids[i]! * PAIR + ids[i + 1]!) === id;
    joined.push(isPair ? id : ids[i]!);
    if (isPair) i++;
  }
  return joined;
}
