/** Files of a set that are in memory, and what readers make of them, in Node and in browsers alike. */
import type { Size } from "@segany/masks";
import { DatasetError } from "../errors.js";
import { readImageName } from "../names/match-names.js";
import type { Category, DatasetImage, DatasetRecord, ReadTakers } from "../record.js";
import { decodeText } from "../text/decode-text.js";

/** Content by path, with `/` between folders. */
export type SetFiles = ReadonlyMap<string, Uint8Array>;

/** An image that masks may be of. */
export interface KnownImage extends Size {
  /** Relative to the folder of images. */
  readonly fileName: string;
}

/** Settings of readers of files in memory. */
export interface FileSetOptions extends ReadTakers {
  /** Of the set's texts, where it isn't UTF-8. */
  readonly encoding?: string | undefined;
  /**
   * Finds an image by the name that a file gives it, or by a name without an extension; undefined where it
   * isn't known.
   */
  readonly findImage: (name: string) => KnownImage | undefined;
}

/** What a reader has found. */
export interface FileSet {
  readonly categories: readonly Category[];
  readonly records: readonly DatasetRecord[];
  /** Names of images whose size nobody knows, so that their masks can't be read. */
  readonly unknownImages: readonly string[];
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The text of the first file that has one of these names in any folder. */
export function findText(
  files: SetFiles,
  names: readonly string[],
  encoding?: string,
): { readonly text: string; readonly path: string } | undefined {
  for (const name of names)
    for (const [path, bytes] of files)
      if (path === name || path.endsWith(`/${name}`))
        return { text: decodeText(bytes, path, encoding), path };
  return undefined;
}

/**
 * The image that a file names, with the size that the file says or that is known.
 *
 * @param where what to call the file in an error message
 * @throws DatasetError `name-unsafe`, `image-missing` where nobody knows its size
 */
export function imageOfFile(
  image: { readonly id: number; readonly name: string; readonly size?: Size | undefined },
  { findImage }: FileSetOptions,
  where: string,
): DatasetImage {
  const { id, name, size } = image;
  const fileName = readImageName(name, where);
  const known = findImage(fileName);
  const found = size ?? known;
  if (!found)
    throw new DatasetError(
      "image-missing",
      `${where}: nothing says the size of the image "${name}"; it must be there, too.`,
    );
  const { width, height } = found;
  return { id, fileName: known?.fileName ?? fileName, width, height };
}
