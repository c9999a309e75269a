import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "./printable.js";

const codePoints = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));

/** What terminals obey or hide, by kind. */
const UNSAFE: readonly (readonly [kind: string, signs: readonly string[]])[] = [
  ["C0", codePoints(0, 0x1f)],
  ["DEL and C1", codePoints(0x7f, 0x9f)],
  ["direction marks", ["\u061c", "\u200e", "\u200f"]],
  [
    "direction embeddings, overrides and isolates",
    [...codePoints(0x202a, 0x202e), ...codePoints(0x2066, 0x2069)],
  ],
  ["line and paragraph separators", ["\u2028", "\u2029"]],
  ["invisible", ["\u00ad", "\u200b", "\u2060", "\ufeff"]],
  ["tags", codePoints(0xe0001, 0xe007f).filter((sign) => /\p{Cf}/u.test(sign))],
  ["halves of pairs", ["\ud800", "\udfff"]],
];

const anyText = fc.string({ unit: "binary" });
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe("printable", () => {
  it.each(UNSAFE)("escapes %s", (_, signs) => {
    for (const sign of signs) {
      const text = printable(`a${sign}b`);
      expect(text).not.toContain(sign);
      expect(JSON.parse(`"${text}"`)).toBe(`a${sign}b`);
    }
  });

  it("writes what JSON writes", () => {
    expect(printable("cat\u001b[2J\u009b31m\u202e\n\t")).toBe("cat\\u001b[2J\\u009b31m\\u202e\\n\\t");
  });

  it("leaves words of any script, emoji, paths and spaces alone", () => {
    for (const text of [
      "Straße 7",
      "猫の写真.jpg",
      "می‌خواهم",
      "👩‍🚀 ❤️ 🇫🇷",
      "C:\\photos\\new.jpg",
      "a\u00a0b",
      "שלום",
    ])
      expect(printable(text)).toBe(text);
  });

  it("leaves nothing that a second pass would escape", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, anyUnits), (text) => {
        const once = printable(text);
        expect(printable(once)).toBe(once);
      }),
    );
  });

  it("keeps JSON the same JSON", () => {
    const anyJson = fc.oneof(fc.jsonValue({ stringUnit: "binary" }), fc.record({ name: anyUnits }));
    fc.assert(
      fc.property(anyJson, (value) => {
        const json = JSON.stringify(value);
        expect(JSON.parse(printable(json))).toEqual(JSON.parse(json));
      }),
    );
  });
});
