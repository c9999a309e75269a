/**
 * The public names of every entry. What is on the list can be in use: nothing leaves it, or joins it,
 * unnoticed.
 */
import { expect, it } from "vitest";
import { readEntries } from "./entries.mjs";
import listed from "./exports.json" with { type: "json" };
import { namesOf } from "./write-exports.mjs";

const entries = readEntries();

it("every entry is listed", () => {
  expect(Object.keys(listed)).toEqual(entries.map(({ name }) => name));
});

it.each(entries)("$name exports what scripts/packages/exports.json says", (entry) => {
  const hint =
    "if it is meant, run node scripts/packages/write-exports.mjs and name the change in CHANGELOG.md";
  expect(namesOf(entry), hint).toEqual(listed[entry.name]);
});
