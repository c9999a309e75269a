/** What `run.mjs` tells a part, and how a part answers. */
import { parseArgs } from "node:util";

/** Reads a part's arguments; `more` are options of its own. */
export function partArguments(more = {}) {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      folder: { type: "string" },
      ...more,
    },
  });
  if (!values.folder) throw new Error("A part is run by benchmarks/run.mjs, which gives it a --folder.");
  return values;
}

/** The result of a process is its last line. */
export const answer = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
