/** What `run.mjs` tells a part, and how a part answers. */
import { basename } from "node:path";
import { parseArgs } from "node:util";

/** Temporary folders of benchmarks are called so. */
export const FOLDER_PREFIX = "segany-bench-";

/** Reads a part's arguments; `more` are options of its own. */
export function partArguments(more = {}) {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      folder: { type: "string" },
      ...more,
    },
  });
  // Parts write and remove what they like in it.
  if (!basename(values.folder ?? "").startsWith(FOLDER_PREFIX))
    throw new Error(
      `A part is run by benchmarks/run.mjs, which gives it a --folder named ${FOLDER_PREFIX}….`,
    );
  return values;
}

/** The result of a process is its last line. */
export const answer = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
