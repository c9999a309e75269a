import fc from "fast-check";
import { expect, test } from "vitest";
import { isDeeperThan, parseJson } from "./parse-json.js";

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

test("the depth is that of brackets outside of texts", () => {
  const depthOf = (value: unknown): number =>
    typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: fc.constantFrom(...'[]{}\\"aé') }), (value) => {
      const bytes = encode(JSON.stringify(value));
      const depth = depthOf(value);
      expect(isDeeperThan(bytes, depth)).toBe(false);
      if (depth > 0) expect(isDeeperThan(bytes, depth - 1)).toBe(true);
      expect(parseJson(bytes, "x")).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
