/** Runs modules one after another, and writes how each ended, as JSON: { [file]: "passed" or why not }. */
import { formatWithOptions } from "node:util";

globalThis.expectPrinted = (expected, ...values) => {
  const printed = formatWithOptions({ breakLength: Infinity }, ...values);
  if (printed !== expected) throw new Error(`It prints ${printed}, not ${expected}.`);
};
console.log = () => {};

const results = {};
for (const file of process.argv.slice(2)) {
  results[file] = await import(file).then(
    () => "passed",
    (error) => error.stack,
  );
}
// Examples may leave a server or a model open.
process.stdout.write(JSON.stringify(results), () => process.exit());
