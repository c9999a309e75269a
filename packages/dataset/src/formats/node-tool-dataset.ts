/** What readers of annotation tools' exports have in common: a file or a few that list images, and images somewhere. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Size } from "@segany/masks";
import { DatasetError } from "../errors.js";
import { imageSizeOf } from "../files/folder-files.js";
import { createImageFinder, type FoundImage, type ImageFinder } from "../files/image-finder.js";
import type { Sight } from "../files/sight.js";
import { readImageName } from "../names/match-names.js";
import type { Category, DatasetImage, ReadTakers } from "../record.js";
import type { ReadOptions } from "./format.js";

/**
 * The images of a set: in the folder that the user names, else anywhere in the set's own.
 *
 * @param path the set's folder, or its file, whose folder is meant then
 */
export async function findToolImages(path: string, { images }: ReadOptions): Promise<ImageFinder> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  const root = isFolder ? path : dirname(path);
  return createImageFinder(images === undefined ? [join(root, "images"), root] : [images], {
    anyFolder: true,
  });
}

/** An image as a tool's file names it. */
export interface ToolImage {
  readonly id: number;
  /** As the file has it. */
  readonly name: string;
  /** Pixels, where the file says so. */
  readonly size?: Size | undefined;
  /** Other names that the file may have, when there is none of this. */
  readonly otherNames?: readonly string[];
  /** Whether the name has no extension, so that the file's is taken. */
  readonly isStem?: boolean;
}

/**
 * Finds an image's file and size.
 *
 * @param where what to call the image's place in an error message
 * @throws DatasetError `name-unsafe`, `image-missing` where only the missing image has the size, `file-unreadable`
 */
export async function openToolImage(
  image: ToolImage,
  finder: ImageFinder,
  where: string,
  { onLoss }: ReadTakers,
): Promise<DatasetImage> {
  const { id, name, size, otherNames = [], isStem = false } = image;
  const fileName = readImageName(name, where);
  const found = await findFirst(finder, [name, ...otherNames]);
  if (found?.by === "capitals") onLoss?.("changedNames", where);
  const known = size ?? (found && (await imageSizeOf(found.path)));
  if (!known)
    throw new DatasetError(
      "image-missing",
      `${where}: the image "${name}" is not there, and nothing else says its size; name the folder of images.`,
    );
  return {
    id,
    fileName: withoutImages(found && (isStem || otherNames.length > 0) ? found.name : fileName),
    ...known,
    ...(found && { open: found.open }),
  };
}

/** The folder of all images says nothing. */
function withoutImages(name: string): string {
  return name.replace(/^images\/(?=.)/i, "");
}

async function findFirst(finder: ImageFinder, names: readonly string[]): Promise<FoundImage | undefined> {
  for (const name of names) {
    const found = await finder.find(name);
    if (found) return found;
  }
  return undefined;
}

/** Numbers classes from 1 in the order in which they are met. */
export interface ClassNumbers {
  readonly categories: readonly Category[];
  /** Adds a class where it is new. */
  add(name: string): number;
  idOf(name: string): number | undefined;
}

/** Begins with the classes that a file lists. */
export function createClassNumbers(listed: Iterable<string> = []): ClassNumbers {
  const ids = new Map<string, number>();
  const categories: Category[] = [];
  const add = (name: string): number => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    const id = categories.length + 1;
    ids.set(name, id);
    categories.push({ id, name });
    return id;
  };
  for (const name of listed) add(name);
  return { categories, add, idOf: (name) => ids.get(name) };
}

/** How many files of an ending are looked into before a folder is given up. */
const triedFiles = 20;

/**
 * The files that begin in a certain way: the path itself, or those in the first folders below it.
 *
 * @param ending of the names to look into
 * @returns paths
 */
export async function findByHead(
  sight: Sight,
  ending: RegExp,
  isWanted: (head: string) => boolean,
): Promise<string[]> {
  if (sight.isFile) return ending.test(sight.path) && isWanted(await sight.head()) ? [sight.path] : [];
  const found: string[] = [];
  const near = sight.files.filter((name) => ending.test(name) && name.split("/").length <= 3).sort();
  for (const name of near.slice(0, triedFiles))
    if (isWanted(await sight.head(name))) found.push(join(sight.path, name));
  return found;
}

/** The error for a set without a file of the format. */
export function noSuchFile(path: string, what: string): DatasetError {
  return new DatasetError("dataset-not-found", `There is no ${what} at "${path}"; name the file itself.`);
}
