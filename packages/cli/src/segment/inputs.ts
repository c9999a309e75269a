import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { crc32 } from "node:zlib";
import { nameKey, safeFileName } from "@segany/dataset";
import { SamError } from "@segany/masks";
import { readFolder, walkFiles } from "@segany/runtime/files";
import { UsageError } from "../cli-error.js";

/** Endings of files that are taken from a folder; a file named by itself may have any. */
const IMAGE_ENDINGS: ReadonlySet<string> = new Set([
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".tif",
  ".tiff",
  ".avif",
]);

/** A picture to segment. */
export interface InputImage {
  /** As the user would write it. */
  readonly path: string;
  /** Where its results go, below the output folder and without an ending: "sub/photo". */
  readonly outputStem: string;
  /** A number for data set files that stays the same from run to run. */
  readonly imageId: number;
}

/**
 * The pictures that files and folders stand for, sorted by output name.
 *
 * @param recursive takes sub-folders too, and mirrors them in the output
 * @throws UsageError for two pictures with the same output name or none at all; SamError `file-unreadable`
 */
export async function collectInputs(paths: readonly string[], recursive: boolean): Promise<InputImage[]> {
  const found = new Map<string, string>();
  const keys = new Map<string, string>();
  for (const path of paths) {
    for (const { file, stem } of await expand(path, recursive)) {
      const key = nameKey(stem);
      const other = keys.get(key);
      if (other !== undefined && resolve(other) === resolve(file)) continue;
      if (other !== undefined) {
        throw new UsageError(
          `${other} and ${file} would both be written as "${stem}". Rename one, or segment them into different --output folders.`,
        );
      }
      keys.set(key, file);
      found.set(stem, file);
    }
  }
  if (found.size === 0)
    throw new UsageError(
      `There is no picture in ${paths.join(", ")} (${[...IMAGE_ENDINGS].join(" ")}).${recursive ? "" : " Sub-folders are taken with --recursive."}`,
    );
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return withIds(sorted.map(([outputStem, path]) => ({ path, outputStem })));
}

async function expand(path: string, recursive: boolean): Promise<{ file: string; stem: string }[]> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!info.isDirectory()) return [{ file: path, stem: withoutEnding(basename(path)) }];
  try {
    const names = recursive ? walkFiles(path) : (await readFolder(path)).files;
    const files: { file: string; stem: string }[] = [];
    for await (const name of names)
      if (IMAGE_ENDINGS.has(extname(name).toLowerCase()))
        files.push({ file: join(path, name), stem: withoutEnding(name) });
    return files;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): SamError {
  return new SamError("file-unreadable", `${path} cannot be read: ${(cause as Error).message}`, { cause });
}

/** A name that is safe in any output folder, whatever system or tool looks at it. */
function withoutEnding(path: string): string {
  const stem = join(dirname(path), basename(path, extname(path)));
  return safeFileName(stem.replaceAll(sep, "/"));
}

/** A number in the name ("sa_123", "000508") is the picture's own; other names are numbered by their checksum. */
function withIds(images: readonly Omit<InputImage, "imageId">[]): InputImage[] {
  const taken = new Set<number>();
  return images.map((image) => {
    let imageId = idOf(image.outputStem);
    while (taken.has(imageId)) imageId++;
    taken.add(imageId);
    return { ...image, imageId };
  });
}

function idOf(outputStem: string): number {
  const digits = /^(?:sa_)?(\d{1,12})$/.exec(basename(outputStem))?.[1];
  return digits === undefined ? crc32(outputStem) : Number(digits);
}

/**
 * Part i of n of a list, "i/n" with i from 1: every n-th picture, so that parts are alike in size and together all.
 *
 * @throws UsageError for anything else
 */
export function takeShard<T>(items: readonly T[], shard: string): T[] {
  const match = /^(\d+)\/(\d+)$/.exec(shard);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index < 1 || count < 1 || index > count)
    throw new UsageError(`--shard ${shard}: it must be i/n with i from 1 to n, like 2/8.`);
  return items.filter((_, i) => i % count === index - 1);
}
