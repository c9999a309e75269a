import fc from "fast-check";
import { expect, test } from "vitest";
import { measureJson, parseJson } from "./parse-json.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (depth: number, open = "[", close = "]"): string => open.repeat(depth) + close.repeat(depth);

test.each([
  ["lists", nested(65)],
  ["objects", nested(5000, '{"a":', "}").replace(":}", ":1}")],
  ["lists without end", "[".repeat(200_000)],
  ["lists behind texts with brackets and quotes", `{"]\\"]":"\\\\","b":${nested(5000)}}`],
])("what is nested deeper than any format needs is refused: %s", (_, text) => {
  expect(() => parseJson(encode(text), "x.json")).toThrow("x.json is nested deeper than 64 levels.");
});

test("depth, values and members are counted outside of texts", () => {
  const partsOf = (value: unknown): unknown[] =>
    typeof value === "object" && value !== null ? Object.values(value) : [];
  const sum = (value: unknown, of: (value: unknown) => number): number =>
    partsOf(value).reduce<number>((total, part) => total + sum(part, of), of(value));
  const depthOf = (value: unknown): number =>
    typeof value === "object" && value !== null ? 1 + Math.max(0, ...partsOf(value).map(depthOf)) : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: fc.constantFrom(...'[]{},:\\"aé') }), (given) => {
      const bytes = encode(JSON.stringify(given));
      const value = JSON.parse(JSON.stringify(given));
      const { depth, values, members, isBalanced } = measureJson(bytes);
      expect(depth).toBe(depthOf(value));
      expect(isBalanced).toBe(true);
      expect(members).toBe(sum(value, (part) => (Array.isArray(part) ? 0 : partsOf(part).length)));
      const exact = sum(value, () => 1);
      const empty = sum(value, (part) =>
        Number(typeof part === "object" && part !== null && partsOf(part).length === 0),
      );
      expect(values).toBe(exact + empty);
      expect(parseJson(bytes, "x")).toEqual(asWritten(value));
    }),
  );
});

/** Whole numbers beyond 2^53 as texts. */
function asWritten(value: unknown): unknown {
  if (typeof value === "number")
    return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value))
      ? String(value)
      : value;
  if (Array.isArray(value)) return value.map(asWritten);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, asWritten(part)]));
}

test("whole numbers beyond 2^53 keep their digits, and nothing else changes", () => {
  const text =
    '{"id": 1152921504606846977, "a": [9007199254740993,-12345678901234567890 ], "b": 9007199254740991, "c": 0.12345678901234567890, "d": 12345678901234567890e2, "e": "x, 1152921504606846977, \\" 1152921504606846977,"}';
  expect(parseJson(encode(text), "x")).toEqual({
    id: "1152921504606846977",
    a: ["9007199254740993", "-12345678901234567890"],
    b: 9007199254740991,
    c: Number("0.12345678901234567890"),
    d: Number("12345678901234567890e2"),
    e: 'x, 1152921504606846977, " 1152921504606846977,',
  });
});

test("JSON that is cut off is seen to be", () => {
  for (const text of ["[", '{"a":[1', "]", '["]"']) expect(measureJson(encode(text)).isBalanced).toBe(false);
});
