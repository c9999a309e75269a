import { stat } from "node:fs/promises";
import { basename, extname, join, resolve, sep } from "node:path";
import { crc32 } from "node:zlib";
import { isImageName, isUnreadImageName, nameKey, safeFileName, stemOf } from "@segany/dataset/formats";
import { SamError } from "@segany/masks";
import { readFolder, walkFiles } from "@segany/runtime/files";
import { UsageError } from "../cli-error.js";
import { expandPattern } from "./expand-pattern.js";

/** An image to segment. */
export interface InputImage {
  /** The path as the user would write it. */
  readonly path: string;
  /** What data sets call it: relative to the folder it was found in, with `/`: "sub/photo.jpg". */
  readonly fileName: string;
  /** Output path without extension, relative to the output folder: "sub/photo". */
  readonly outputStem: string;
  /** Id in data-set files; it does not change between runs. */
  readonly imageId: number;
}

/** What lies at the paths of a command. */
export interface CollectedInputs {
  readonly images: readonly InputImage[];
  /** Image files in folders that are skipped, since their format isn't read. */
  readonly skipped: readonly string[];
}

/**
 * Finds the images of files, folders and patterns, sorted by output name. A file that is named itself, or by
 * a pattern, may have any extension. The folders that a pattern's wildcards stand for are mirrored in the
 * output.
 *
 * @param recursive includes sub-folders, which are mirrored in the output
 * @throws UsageError for two images with the same output name, or no image; SamError `file-unreadable`
 */
export async function collectInputs(paths: readonly string[], recursive: boolean): Promise<CollectedInputs> {
  const skipped: string[] = [];
  const found: NamedImage[] = [];
  for (const path of paths) found.push(...(await expand(path, recursive, skipped)));
  if (found.length === 0) throw noImage(paths, recursive, skipped);
  return { images: toInputs(found), skipped };
}

/** An image without its number in data sets. */
type NamedImage = Omit<InputImage, "imageId">;

/**
 * Images, each once, sorted by output name and with ids.
 *
 * @throws UsageError for two with the same output name
 */
export function toInputs(named: readonly NamedImage[]): InputImage[] {
  const found = new Map<string, NamedImage>();
  for (const image of named) {
    const key = nameKey(image.outputStem);
    const other = found.get(key);
    if (other && resolve(other.path) !== resolve(image.path)) throw sameOutput(other, image);
    if (!other) found.set(key, image);
  }
  return withIds([...found.values()].sort((a, b) => (a.outputStem < b.outputStem ? -1 : 1)));
}

/** Says that nothing was found. */
export function noImage(
  paths: readonly string[],
  recursive: boolean,
  skipped: readonly string[],
): UsageError {
  const advice = recursive ? "" : " Use --recursive to include sub-folders.";
  return new UsageError(
    `There is no image in ${paths.join(", ")} (.jpg, .png, .webp, .tif, .avif, .bmp, .gif).${skippedNotice(skipped)}${advice}`,
  );
}

/** Says which files are skipped; empty if none is. */
export function skippedNotice(skipped: readonly string[]): string {
  if (skipped.length === 0) return "";
  const endings = [...new Set(skipped.map((path) => extname(path).toLowerCase()))].sort().join(", ");
  return ` Skipped: ${skipped.length} image files of a format that is not read (${endings}), such as ${skipped[0]}; convert them to JPEG or PNG.`;
}

function sameOutput(
  first: Pick<InputImage, "path">,
  { path, outputStem }: Pick<InputImage, "path" | "outputStem">,
): UsageError {
  return new UsageError(
    `${first.path} and ${path} would both be written as "${outputStem}". Rename one, or segment them into different --output folders.`,
  );
}

/** @param skipped takes the image files that aren't read */
async function expand(path: string, recursive: boolean, skipped: string[]): Promise<NamedImage[]> {
  const info = await stat(path).catch((error: unknown) => error as Error);
  if (info instanceof Error) {
    const files = await expandPattern(path);
    if (!files) throw unreadable(path, info);
    if (files.names.length === 0) throw new UsageError(`No file matches ${path}.`);
    return files.names.map((name) => named(join(files.folder, name), name));
  }
  if (!info.isDirectory()) return [named(path, basename(path))];
  try {
    const names = recursive ? walkFiles(path) : (await readFolder(path)).files;
    const images: NamedImage[] = [];
    for await (const name of names) {
      if (isImageName(name)) images.push(named(join(path, name), name));
      else if (isUnreadImageName(name)) skipped.push(join(path, name));
    }
    return images;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): SamError {
  return new SamError("file-unreadable", `${path} cannot be read: ${(cause as Error).message}`, { cause });
}

/**
 * Files of masks get a name that is safe in any folder; data sets know no backslashes and no control
 * characters.
 */
export function named(path: string, name: string): NamedImage {
  const fileName = name.replaceAll(sep, "/").replace(/[\\\p{Cc}]/gu, "_");
  return { path, fileName, outputStem: stemOf(safeFileName(fileName)) };
}

/** Room for annotation numbers below each image's number. */
const IDS_PER_IMAGE = 100_000;
/** Numbers above would give annotations numbers that are not exact. */
const MAX_OWN_ID = 2 ** 36;

/** The number of an image's annotation in the whole data set. */
export function annotationId({ imageId }: InputImage, index: number): number {
  return imageId * IDS_PER_IMAGE + index + 1;
}

/**
 * Assigns ids: a number in the name ("sa_123", "000508") is the image's id; other names are numbered by their
 * checksum.
 */
function withIds(images: readonly NamedImage[]): InputImage[] {
  const taken = new Set<number>();
  return images.map((image) => {
    let imageId = idOf(image.outputStem);
    while (taken.has(imageId)) imageId++;
    taken.add(imageId);
    return { ...image, imageId };
  });
}

function idOf(outputStem: string): number {
  const number = Number(/^(?:sa_)?(\d+)$/.exec(basename(outputStem))?.[1]);
  return number <= MAX_OWN_ID ? number : crc32(outputStem);
}

/**
 * Selects part i of n of a list, "i/n" with i from 1: every n-th image, so that parts have similar sizes.
 *
 * @throws UsageError for anything else
 */
export function takeShard<T>(items: readonly T[], shard: string): T[] {
  const match = /^(\d+)\/(\d+)$/.exec(shard);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index < 1 || count < 1 || index > count)
    throw new UsageError(`--shard ${shard}: it must be i/n with i from 1 to n, for example 2/8.`);
  return items.filter((_, i) => i % count === index - 1);
}
