import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "@segany/dataset/formats";
import { readFileUpTo } from "@segany/runtime/files";
import { UsageError } from "../cli-error.js";
import type { PredictOptions } from "./options.js";
import { resultNames } from "./result-names.js";

/** A larger result is taken for somebody else's. */
const MAX_RESULT_BYTES = 2 ** 28;

/**
 * Refuses a prediction whose files would replace others than those of an earlier one. Its JSON tells: without
 * one, or with something else in its place, what lies beside it is somebody else's. `--overwrite` replaces
 * everything.
 *
 * @throws UsageError
 */
export async function refuseForeignResults(path: string, options: PredictOptions): Promise<void> {
  if (options.overwrite) return;
  const { json, picture, logits } = resultNames(path);
  const at = (name: string) => join(options.output, name);
  if (await isResult(at(json))) return;
  const names = [json, ...(options.picture ? [picture] : []), ...(options.saveLogits ? [logits] : [])];
  for (const name of names)
    if (await lstat(at(name)).catch(() => undefined))
      throw new UsageError(
        `${at(name)} exists, and no earlier run wrote it. Choose another --output folder, or use --overwrite.`,
      );
}

/** Whether there is a prediction's JSON, and no link to one. */
async function isResult(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile()) return false;
  try {
    const value = parseJson(await readFileUpTo(path, MAX_RESULT_BYTES), path) as Record<
      string,
      unknown
    > | null;
    return Array.isArray(value?.prompts) && Array.isArray(value.masks);
  } catch {
    return false;
  }
}
