import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { cleanText } from "./clean-text.js";
import type { ClipTokenizer } from "./clip-tokenizer.js";
import { openClipTokenizer, parseMerges } from "./node-clip-vocabulary.js";

interface Golden {
  readonly text: string;
  readonly ids: readonly number[];
  readonly tokens77?: readonly number[];
}

const { cases } = JSON.parse(
  readFileSync(new URL("../../../../fixtures/text/tokens.json", import.meta.url), "utf8"),
) as { readonly cases: readonly Golden[] };

let tokenizer: ClipTokenizer;
beforeAll(async () => {
  tokenizer = await openClipTokenizer();
});

describe("OpenAI's tokenizer with ftfy", () => {
  it("has the same number of ids and the same marks", () => {
    expect([tokenizer.size, tokenizer.start, tokenizer.end]).toEqual([49_408, 49_406, 49_407]);
    expect(cases.length).toBe(62);
  });

  it.each(cases)("gives the same ids for $text", ({ text, ids, tokens77 }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    const tokens = [...tokenizer.tokenize(text, { truncate: true })];
    if (tokens77) expect(tokens).toEqual(tokens77);
    else expect(tokens).toEqual([49_406, ...ids, 49_407, ...new Array(75 - ids.length).fill(0)]);
  });
});

describe("a text's ids", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });

  it("decode to the cleaned text, blanks aside", () => {
    const bare = (value: string) => value.replaceAll(/\s/g, "");
    fc.assert(
      fc.property(text, (value) => {
        expect(bare(tokenizer.decode(tokenizer.encode(value)))).toBe(bare(cleanText(value)));
      }),
    );
  });

  it("don't depend on case, on blanks around words, or on how accents are composed", () => {
    fc.assert(
      fc.property(text, (value) => {
        const ids = tokenizer.encode(value);
        expect(tokenizer.encode(cleanText(value))).toEqual(ids);
        expect(tokenizer.encode(`  ${value.normalize("NFD")}\n`)).toEqual(ids);
      }),
    );
  });

  it("of words are the ids of each, one after another", () => {
    const word = fc.stringMatching(/^[a-zäß語]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        expect(tokenizer.encode(words.join(" "))).toEqual(words.flatMap((one) => tokenizer.encode(one)));
      }),
    );
  });

  it("fill any length: both marks, and zeros after the end mark", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 3, max: 77 }), (value, length) => {
        const tokens = [...tokenizer.tokenize(value, { length, truncate: true })];
        const end = tokens.indexOf(tokenizer.end);
        expect(tokens.length).toBe(length);
        expect(tokens[0]).toBe(tokenizer.start);
        expect(tokens.slice(end + 1).every((id) => id === 0)).toBe(true);
      }),
    );
  });
});

describe("texts that can't be read", () => {
  const invalid = expect.objectContaining({ code: "prompt-invalid" });

  it("are an error when they don't fit, and cut only on request", () => {
    const long = "x ".repeat(76);
    expect(() => tokenizer.tokenize(long)).toThrow(/76 tokens, of which 75 fit/);
    expect(tokenizer.tokenize(long, { truncate: true }).at(-1)).toBe(tokenizer.end);
    expect(() => tokenizer.tokenize("dog", { length: 2 })).toThrow(/length|tokens/);
  });

  it.each(["a", "ab", "é", "ﷺ", "&amp;", " "])("are an error with 10,000 characters of %j", (unit) => {
    expect(() => tokenizer.encode(unit.repeat(10_000 / unit.length))).toThrow(invalid);
  });

  it.each(["\ud800", "dog \udc00", "\udc00\ud800"])(
    "are an error with half of a surrogate pair (%j)",
    (text) => {
      expect(() => tokenizer.encode(text)).toThrow(invalid);
    },
  );

  it("leave control characters out and keep marks of direction, as ftfy does", () => {
    expect(tokenizer.encode("\u0000\u0007do\u001bg\u007f")).toEqual(tokenizer.encode("dog"));
    expect(tokenizer.encode("\u202edog")).not.toEqual(tokenizer.encode("dog"));
    expect(tokenizer.encode("&#xd800;&#x110000;").length).toBeGreaterThan(0);
  });

  it("take bounded time, also one word of the longest length", () => {
    let seed = 1;
    const letter = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return String.fromCharCode(97 + (seed % 26));
    };
    const started = performance.now();
    tokenizer.encode(Array.from({ length: 4096 }, letter).join(""));
    tokenizer.encode("ẞ語".repeat(2048));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

it("refuses a vocabulary with other merges", () => {
  const unreadable = expect.objectContaining({ code: "file-unreadable" });
  expect(() => parseMerges("export default 1;")).toThrow(unreadable);
  expect(() => parseMerges('let obj = { "text": "title\\nt h\\nh e\\n" };')).toThrow(unreadable);
});
