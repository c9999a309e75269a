import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../cli-error.js";
import type { InputImage } from "./inputs.js";
import { ownNames } from "./journal.js";
import type { SegmentOptions } from "./options.js";
import { outputNames } from "./output-names.js";

/**
 * Refuses a run whose results would replace files that no earlier run wrote, such as annotations beside the
 * images. The journal knows which files are ours; `--overwrite` replaces the others, too.
 *
 * @throws UsageError
 */
export async function refuseForeignOutputs(
  inputs: readonly InputImage[],
  options: SegmentOptions,
): Promise<void> {
  if (options.overwrite) return;
  const ours = new Set<string>();
  for (const input of inputs) for (const name of await ownNames(options.output, input)) ours.add(name);
  const names = new Set(inputs.flatMap((input) => outputNames(input, options)));
  await refuseExisting(
    options.output,
    [...names].filter((name) => !ours.has(name)),
  );
}

async function refuseExisting(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found)
      throw new UsageError(
        `${path} exists, and no earlier run wrote it. Choose another --output folder, or use --overwrite.`,
      );
  }
}
