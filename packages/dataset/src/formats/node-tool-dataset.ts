/**
 * What readers of annotation tools' exports have in common: a file or a few that list images, and images
 * somewhere.
 */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Size } from "@segany/masks";
import { DatasetError } from "../errors.js";
import { readBytes } from "../files/files.js";
import { imageSizeOf, listFiles } from "../files/folder-files.js";
import { createImageFinder, type FoundImage, type ImageFinder } from "../files/image-finder.js";
import { maxTextBytes, readTextFile } from "../files/read-text.js";
import { lookAt, type Sight } from "../files/sight.js";
import { parseJson } from "../json/parse-json.js";
import { readImageName } from "../names/match-names.js";
import type { Category, DatasetImage, ReadTakers } from "../record.js";
import type { Detection, ReadOptions } from "./format.js";

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
 * @throws DatasetError `name-unsafe`, `image-missing` where only the missing image has the size,
 * `file-unreadable`
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

/** The files in which a tool keeps the annotations of many images. */
export interface ToolFile {
  /** Of their names. */
  readonly ending: RegExp;
  /** Whether a file that begins like this is one. */
  readonly begins: (head: string) => boolean;
  /** What to call one in an error message. */
  readonly title: string;
  /** Why a file of this ending that begins otherwise is none, where that is worth telling. */
  readonly nearly?: (head: string) => string | undefined;
}

/** How many files are looked into before a folder is taken for something else. */
const triedFiles = 20;
/** Such files are in the set's folder or in the first folders below it. */
const maxNames = 3;

/** Such files among the first of a set, to tell its format. */
export async function glimpseToolFiles(sight: Sight, { ending, begins }: ToolFile): Promise<string[]> {
  if (sight.isFile) return ending.test(sight.path) && begins(await sight.head()) ? [sight.path] : [];
  const found: string[] = [];
  const near = sight.files.filter((name) => ending.test(name) && name.split("/").length <= maxNames).sort();
  for (const name of near.slice(0, triedFiles))
    if (begins(await sight.head(name))) found.push(join(sight.path, name));
  return found;
}

/** Whether a set seems to have such a file; else why one that it has is none. */
export async function hasToolFile(sight: Sight, kind: ToolFile): Promise<Detection> {
  if ((await glimpseToolFiles(sight, kind)).length > 0) return true;
  const names = sight.isFile ? [sight.path] : sight.files;
  const name = names.find((file) => kind.ending.test(file));
  if (name === undefined || !kind.nearly) return false;
  const reason = kind.nearly(await sight.head(sight.isFile ? undefined : name));
  return reason === undefined ? false : `${basename(name)} ${reason}`;
}

/**
 * Finds all such files of a set, to read them: the path itself, or those near in its folder.
 *
 * @returns paths, at least one
 * @throws DatasetError `dataset-not-found`, `file-unreadable`
 */
export async function findToolFiles(path: string, kind: ToolFile): Promise<string[]> {
  const sight = await lookAt(path);
  if (sight.isFile) {
    const [file] = await glimpseToolFiles(sight, kind);
    if (file === undefined) throw noSuchFile(path, kind.title);
    return [file];
  }
  const found: string[] = [];
  const isNear = (name: string): boolean => kind.ending.test(name) && name.split("/").length <= maxNames;
  for (const name of await listFiles(path, isNear))
    if (kind.begins(await sight.head(name))) found.push(join(path, name));
  if (found.length === 0) throw noSuchFile(path, kind.title);
  return found;
}

/**
 * Reads a JSON file as a whole.
 *
 * @throws DatasetError `file-unreadable`, `dataset-too-large`, `dataset-invalid`
 */
export async function readToolJson(path: string, { encoding }: ReadOptions): Promise<unknown> {
  return parseJson(await readBytes(path, undefined, maxTextBytes), path, encoding);
}

/** A row of a table, and what to call its place in an error message. */
export interface PlacedRow<Row> {
  readonly row: Row;
  readonly where: string;
}

/** The rows of an image, which may be anywhere in a table. */
export interface ImageRows<Row> {
  readonly imageId: string;
  readonly rows: readonly PlacedRow<Row>[];
}

/** Reads tables with a row an object, and groups the rows by image. */
export async function readImageRows<Row extends { readonly imageId: string }>(
  paths: readonly string[],
  { encoding }: ReadOptions,
  parse: (text: string, path: string) => readonly Row[],
): Promise<ImageRows<Row>[]> {
  const images = new Map<string, PlacedRow<Row>[]>();
  for (const path of paths)
    for (const [i, row] of parse(await readTextFile(path, encoding), path).entries()) {
      const rows = images.get(row.imageId) ?? [];
      images.set(row.imageId, rows);
      rows.push({ row, where: `${path}, line ${i + 2}` });
    }
  return [...images].map(([imageId, rows]) => ({ imageId, rows }));
}

/** The error for a set without a file of the format. */
export function noSuchFile(path: string, what: string): DatasetError {
  return new DatasetError("dataset-not-found", `There is no ${what} at "${path}"; name the file itself.`);
}
