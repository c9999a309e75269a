/** Writes exports.json, the list of public names that a test compares with what the built packages export. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEntries } from "./entries.mjs";

/** The names that exist when the program runs, and those that only TypeScript knows. */
export function namesOf({ exports }) {
  const names = (isType) =>
    exports.filter(({ kind }) => (kind === "type") === isType).map(({ name }) => name);
  return { values: names(false), types: names(true) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const listed = Object.fromEntries(readEntries().map((entry) => [entry.name, namesOf(entry)]));
  writeFileSync(join(import.meta.dirname, "exports.json"), `${JSON.stringify(listed, undefined, 2)}\n`);
}
