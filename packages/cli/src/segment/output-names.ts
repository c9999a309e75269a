import { resolve } from "node:path";
import { nameKey } from "@segany/dataset";
import { UsageError } from "../cli-error.js";
import { cocoName, cutoutsName, outputName, pictureName } from "./formats.js";
import type { InputImage } from "./inputs.js";
import { entryName } from "./journal.js";
import type { SegmentOptions } from "./options.js";

/** Files and folders that a run writes for an image, relative to the output folder. */
export function outputNames(input: InputImage, options: SegmentOptions): string[] {
  const { format, picture, cutouts } = options;
  return [
    format === "coco" ? cocoName(options) : outputName(input, format),
    ...(picture ? [pictureName(input)] : []),
    ...(cutouts ? [cutoutsName(input)] : []),
  ];
}

/** The folders among them. */
function outputFolders(input: InputImage, { format, cutouts }: SegmentOptions): string[] {
  return [...(format === "png" ? [outputName(input, format)] : []), ...(cutouts ? [cutoutsName(input)] : [])];
}

/** Names of files in these folders. */
const IN_FOLDER = /^(?:\d+\.png|metadata\.csv)$/;

/**
 * Refuses a run in which the results of an image would replace those of another, or an image that is read.
 *
 * @throws UsageError
 */
export function refuseCollisions(inputs: readonly InputImage[], options: SegmentOptions): void {
  const owners = new Map<string, InputImage>();
  const folders = new Set<string>();
  const keyOf = (name: string) => nameKey(resolve(options.output, name));
  for (const input of inputs) {
    const shared = options.format === "coco" ? [cocoName(options)] : [];
    const names = [...outputNames(input, options), entryName(input)].filter((name) => !shared.includes(name));
    for (const folder of outputFolders(input, options)) folders.add(keyOf(folder));
    for (const name of names) {
      const other = owners.get(keyOf(name));
      if (other) throw collision(other, input, name);
      owners.set(keyOf(name), input);
    }
  }
  for (const [key, input] of owners) {
    const other = ownerAbove(key, owners, folders);
    if (other && other !== input) throw collision(other, input, key);
  }
  for (const { path } of inputs) {
    const key = nameKey(resolve(path));
    const owner = folders.has(key) ? undefined : (owners.get(key) ?? ownerAbove(key, owners, folders));
    if (owner) throw overwritten(owner, path);
  }
}

/** Whose file a path would lie below, or whose folder has files of that name. */
function ownerAbove(
  path: string,
  owners: ReadonlyMap<string, InputImage>,
  folders: ReadonlySet<string>,
): InputImage | undefined {
  const parts = path.split(/[\\/]/);
  for (let length = parts.length - 1; length > 0; length--) {
    const above = path.slice(0, parts.slice(0, length).join("/").length);
    const owner = owners.get(above);
    if (owner && (!folders.has(above) || IN_FOLDER.test(parts[length]!))) return owner;
  }
  return undefined;
}

function collision(first: InputImage, second: InputImage, name: string): UsageError {
  return new UsageError(
    `${first.path} and ${second.path} would both be written to "${name}". Rename one, or segment them into different --output folders.`,
  );
}

function overwritten({ path }: InputImage, input: string): UsageError {
  return new UsageError(
    `A result of ${path} would replace the input ${input}. Choose another --output folder, or --no-picture.`,
  );
}
