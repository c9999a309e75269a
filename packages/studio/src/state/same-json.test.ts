import { array, assert, constantFrom, dictionary, jsonValue, letrec, oneof, property } from "fast-check";
import { expect, it } from "vitest";
import { isSameJson } from "./same-json.js";

/** JSON with fields that objects have anyway. */
const names = constantFrom(
  "a",
  "b",
  "__proto__",
  "constructor",
  "valueOf",
  "toString",
  "hasOwnProperty",
  "length",
);
const { value: values } = letrec((tie) => ({
  value: oneof(
    { maxDepth: 3 },
    constantFrom(null, true, 0, 1, "", "1", "a"),
    array(tie("value"), { maxLength: 3 }),
    dictionary(names, tie("value"), { maxKeys: 3 }),
  ),
}));

/** With the fields of objects in one order. */
function canonical(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return ["list", ...value.map(canonical)];
  return [
    "object",
    ...Object.keys(value)
      .sort()
      .map((name) => [name, canonical(value[name as keyof typeof value])]),
  ];
}

/** The same with all fields the other way round. */
function turned(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, part]) => [name, turned(part)])
      .reverse(),
  );
}

it("values are the same when they are written the same, whatever their fields are called", () => {
  assert(
    property(values, values, (one, other) => {
      const isEqual = JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
      expect(isSameJson(one, other)).toBe(isEqual);
      expect(isSameJson(one, turned(one))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it("a copy is the same, and nothing but it", () => {
  assert(
    property(jsonValue(), (value) => {
      expect(isSameJson(value, structuredClone(value))).toBe(true);
      expect(isSameJson(value, [value])).toBe(false);
    }),
  );
});

it.each<[unknown, unknown]>([
  [0, "0"],
  [0, null],
  [[], {}],
  [[1], { 0: 1 }],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 1, b: 2 }],
  [
    [1, 2],
    [2, 1],
  ],
  [{ toString: 1 }, {}],
])("%j is not %j", (one, other) => {
  expect(isSameJson(one, other)).toBe(false);
  expect(isSameJson(other, one)).toBe(false);
});
