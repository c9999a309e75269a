import { array, assert, boolean, constantFrom, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { entityTag, isFresh, readPreconditions } from "./preconditions.js";

describe("a change is allowed", () => {
  test.each<[string, { readonly [name: string]: string }, string | undefined, boolean]>([
    ["of anything without a condition", {}, "a", true],
    ["of nothing without a condition", {}, undefined, true],
    ["of the version that is there", { "if-match": '"a"' }, "a", true],
    ["of another version", { "if-match": '"b"' }, "a", false],
    ["of a version where nothing is", { "if-match": '"a"' }, undefined, false],
    ["of one of several versions", { "if-match": '"b", "a"' }, "a", true],
    ["of none of several versions", { "if-match": '"b", "c"' }, "a", false],
    ["in lists with empty places and tabs", { "if-match": ' ,\t"b"\t,,"a", ' }, "a", true],
    ["with a comma in a version", { "if-match": '"a,b"' }, "a,b", true],
    ["of a version that is weak", { "if-match": 'W/"a"' }, "a", false],
    ["of any version", { "if-match": "*" }, "a", true],
    ["of any version, with space around", { "if-match": " * " }, "a", true],
    ["of any version where nothing is", { "if-match": "*" }, undefined, false],
    ["of nothing where nothing is", { "if-none-match": "*" }, undefined, true],
    ["of nothing where something is", { "if-none-match": "*" }, "a", false],
    ["of any version but one, which it is", { "if-none-match": '"a"' }, "a", false],
    ["of any version but one, which it is, weakly", { "if-none-match": 'W/"a"' }, "a", false],
    ["of any version but one", { "if-none-match": '"b"' }, "a", true],
    ["when both conditions hold", { "if-match": '"a"', "if-none-match": '"b"' }, "a", true],
    ["when the first condition fails", { "if-match": '"b"', "if-none-match": '"b"' }, "a", false],
    ["when the second condition fails", { "if-match": '"a"', "if-none-match": "*" }, "a", false],
  ])("%s", (_, headers, version, allowed) => {
    expect(readPreconditions(headers)(version)).toBe(allowed);
  });
});

test.each([
  "",
  " ",
  ",",
  "a",
  "'a'",
  '"a',
  'a"',
  '"a" "b"',
  '"a"b',
  'w/"a"',
  'W/ "a"',
  '*, "a"',
  '"a", *',
  '"a b"',
  "null",
])("a condition that can't be read is refused, never taken for none: %j", (header) => {
  for (const name of ["if-match", "if-none-match"])
    expect(() => readPreconditions({ [name]: header })).toThrowError(
      expect.objectContaining({ code: "bad-request", message: expect.stringMatching(/If-.*Match/) }),
    );
});

test("of a list of versions each counts, and no other", () => {
  const values = string({ maxLength: 8, unit: constantFrom(..."ab,/W*!~") });
  assert(
    property(array(tuple(values, boolean()), { minLength: 1 }), values, (list, other) => {
      const header = list.map(([value, isWeak]) => `${isWeak ? "W/" : ""}${entityTag(value)}`).join(", ");
      const strong = new Set(list.filter(([, isWeak]) => !isWeak).map(([value]) => value));
      const all = new Set(list.map(([value]) => value));
      for (const version of [other, ...all]) {
        expect(readPreconditions({ "if-match": header })(version)).toBe(strong.has(version));
        expect(readPreconditions({ "if-none-match": header })(version)).toBe(!all.has(version));
        expect(isFresh({ "if-none-match": header }, version)).toBe(all.has(version));
      }
    }),
  );
});

test("a client of a GET that names nothing readable gets the answer", () => {
  expect(isFresh({}, "a")).toBe(false);
  expect(isFresh({ "if-none-match": "a" }, "a")).toBe(false);
  expect(isFresh({ "if-none-match": "*" }, "a")).toBe(true);
});
