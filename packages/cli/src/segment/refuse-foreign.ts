import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../cli-error.js";
import { cocoName, cutoutsName, outputName, pictureName } from "./formats.js";
import type { InputImage } from "./inputs.js";
import { hasEntry } from "./journal.js";
import type { SegmentOptions } from "./options.js";

/**
 * Refuses, before anything is done, a run whose results would replace what no earlier run wrote, such as annotations
 * beside the images. The journal tells which results are ours; `--overwrite` replaces the others, too.
 *
 * @throws UsageError
 */
export async function refuseForeignOutputs(
  inputs: readonly InputImage[],
  options: SegmentOptions,
): Promise<void> {
  if (options.overwrite) return;
  let isBegun = false;
  for (const input of inputs) {
    if (await hasEntry(options.output, input)) isBegun = true;
    else await refuseExisting(options.output, namesOf(input, options));
  }
  if (options.format === "coco" && !isBegun) await refuseExisting(options.output, [cocoName(options)]);
}

/** Files and folders that are written for an image. */
function namesOf(input: InputImage, { format, picture, cutouts }: SegmentOptions): string[] {
  return [
    ...(format === "coco" ? [] : [outputName(input, format)]),
    ...(picture ? [pictureName(input)] : []),
    ...(cutouts ? [cutoutsName(input)] : []),
  ];
}

async function refuseExisting(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found)
      throw new UsageError(
        `${path} is there, and no earlier run wrote it. Choose another --output folder, or --overwrite what is there.`,
      );
  }
}
