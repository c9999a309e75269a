import { basename, dirname, join, posix } from "node:path";
import { type FolderContent, type FolderWalk, readFolder } from "@segany/runtime/files";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, isFolder, readBytes, readImageBytes, unreadable } from "../../files/files.js";
import type { ImageFinder } from "../../files/image-finder.js";
import { baseNameOf, checkFileName, isImageName, stemOf } from "../../names/file-names.js";
import { readTarEntries, type TarEntry } from "./node-tar-entries.js";

/** A file of an SA-1B set, in a folder or in a shard. */
export interface Sa1bFile {
  /** Path for messages: `folder/sa_1.json` or `folder/sa_000000.tar:sa_1.json`. */
  readonly label: string;
  /** Relative to the folder or shard it lies in. */
  readonly name: string;
  /** Folder it lies in, relative to the set or the shard, with `/`; empty for the set or shard itself. */
  readonly folder: string;
  /** Where it lies, when it is a file of its own. */
  readonly path?: string;
  /** @param headBytes as `DatasetImage.open` takes it */
  readonly read: (headBytes?: number) => Promise<Uint8Array>;
}

/** The masks of an image and its image file, or one of them where the other is missing. */
export interface Sa1bPair {
  readonly json?: Sa1bFile;
  readonly image?: Sa1bFile;
}

/** A whole SA-1B file beyond this is refused; the largest of Meta's have a few hundred masks. */
const maxJsonBytes = 2 ** 28;

/**
 * Walks an SA-1B set: a shard, or a folder of JSON files with their images, of shards, or of folders of
 * these. In a shard the two files of a pair may come in any order and far apart.
 *
 * @throws DatasetError `dataset-not-found`, `tar-invalid`, `name-unsafe`, `file-unreadable`, `aborted`
 */
export async function* readSa1bPairs(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncIterable<Sa1bPair> {
  if (await isFile(path))
    yield* /\.tar$/i.test(path) ? pairsOfShard(path, options) : [await pairOfJson(path, "")];
  else if (await isFolder(path)) yield* pairsOfFolder(path, "", options);
  else throw new DatasetError("dataset-not-found", `There is nothing at "${path}".`);
}

/** @param inSet the folder relative to the set */
async function* pairsOfFolder(
  folder: string,
  inSet: string,
  options: { readonly signal?: AbortSignal | undefined },
  above?: FolderWalk,
): AsyncIterable<Sa1bPair> {
  const { files, folders, walk } = await listFolder(folder, above);
  const stems = new Set(files.filter((name) => /\.json$/i.test(name)).map(stemOf));
  for (const name of files) {
    throwIfAborted(options.signal);
    if (/\.json$/i.test(name)) yield await pairOfJson(join(folder, name), inSet, files);
    else if (/\.tar$/i.test(name)) yield* pairsOfShard(join(folder, name), options);
    else if (isImageName(name) && !stems.has(stemOf(name)))
      yield { image: plainFile(join(folder, name), inSet) };
  }
  for (const name of folders)
    yield* pairsOfFolder(join(folder, name), inSet ? `${inSet}/${name}` : name, options, walk);
}

/**
 * The files and folders in a folder by name, links followed, without hidden ones and folders that lead back.
 *
 * @param above the walk of the folder that it was found in
 * @throws DatasetError `file-unreadable`
 */
export async function listFolder(folder: string, above?: FolderWalk): Promise<FolderContent> {
  return readFolder(folder, above).catch((cause: unknown) => {
    throw unreadable(folder, cause);
  });
}

async function pairOfJson(path: string, inSet: string, siblings?: readonly string[]): Promise<Sa1bPair> {
  const json = plainFile(path, inSet, maxJsonBytes);
  const stem = stemOf(path);
  for (const extension of ["jpg", "jpeg", "png", "webp", "JPG", "JPEG", "PNG"]) {
    const image = `${stem}.${extension}`;
    const isThere = siblings ? hasSorted(siblings, basename(image)) : await isFile(image);
    if (isThere) return { json, image: plainFile(image, inSet) };
  }
  return { json };
}

/** Whether a sorted list of names has one. */
function hasSorted(names: readonly string[], name: string): boolean {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (names[middle]! < name) low = middle + 1;
    else high = middle;
  }
  return names[low] === name;
}

function plainFile(path: string, folder: string, maxBytes?: number): Sa1bFile {
  const read = (headBytes?: number): Promise<Uint8Array> =>
    headBytes === undefined ? readBytes(path, undefined, maxBytes) : readImageBytes(path, headBytes);
  return { label: path, name: basename(path), folder, path, read };
}

async function* pairsOfShard(
  path: string,
  options: { readonly signal?: AbortSignal | undefined },
): AsyncIterable<Sa1bPair> {
  const waiting = new Map<string, Sa1bPair>();
  for await (const entry of readTarEntries(path, options)) {
    const isJson = /\.json$/i.test(entry.name);
    if (!isJson && !isImageName(entry.name)) continue;
    const stem = stemOf(entry.name);
    const file = entryFile(path, entry, isJson ? maxJsonBytes : undefined);
    const known = waiting.get(stem);
    if (known && (isJson ? known.json : known.image)) {
      throw new DatasetError(
        "tar-invalid",
        `"${path}" has two files for "${stem}": "${entry.name}" is one too many.`,
      );
    }
    const pair: Sa1bPair = isJson ? { ...known, json: file } : { ...known, image: file };
    if (pair.json && pair.image) {
      waiting.delete(stem);
      yield pair;
    } else {
      waiting.set(stem, pair);
    }
  }
  yield* waiting.values();
}

function entryFile(path: string, { name, offset, sizeBytes }: TarEntry, maxBytes?: number): Sa1bFile {
  return {
    label: `${path}:${name}`,
    name,
    folder: folderOf(name),
    read: (headBytes = sizeBytes) =>
      readBytes(path, { offset, sizeBytes: Math.min(sizeBytes, headBytes) }, maxBytes),
  };
}

/** The folder of an entry's name, without `.` in front; empty where it has none. */
function folderOf(name: string): string {
  const folder = posix.dirname(posix.normalize(name));
  return folder === "." ? "" : folder;
}

/**
 * The name of an image in the set. SA-1B's names are without a folder: those in folders of the set get
 * theirs.
 *
 * @param written what the JSON file says
 * @param folder where that file lies
 */
export function nameInSet(written: string, folder: string): string {
  return folder === "" || written.includes("/") ? written : `${folder}/${written}`;
}

/** The image in another folder that the user names: by its name in the set, or by that alone. */
export async function findElsewhere(finder: ImageFinder, written: string, folder: string) {
  return (await finder.find(nameInSet(written, folder))) ?? (await finder.find(written));
}

/**
 * The image of a pair, or where the JSON file's name says nothing of it, the one the content names beside it.
 *
 * @param fileName what the content says
 */
export async function findImage({ json, image }: Sa1bPair, fileName: string): Promise<Sa1bFile | undefined> {
  if (image || json?.path === undefined) return image;
  const folder = dirname(json.path);
  for (const name of [checkFileName(fileName, json.label), baseNameOf(fileName)]) {
    const path = join(folder, name);
    if (await isFile(path)) return { ...plainFile(path, json.folder), name };
  }
  return undefined;
}
