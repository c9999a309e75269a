/** Files of masks as bytes, those of zips among them. */

import { Unzlib, unzip } from "fflate";
import { StudioError } from "../errors.js";

/** What is read from files takes several times as much memory. */
const MAX_BYTES = 256_000_000;

const ZIP = /\.zip$/i;

/** Files that may have masks or the names of their classes. */
const MASK_FILES = /\.(json|xml|txt|ya?ml|names)$/i;

/** Images as exports have them in zips; not those that begin with a dot, which are notes of macOS. */
const IMAGE_FILES = /(^|\/)[^./][^/]*\.(jpe?g|png|webp|tiff?)$/i;

/** Maps of Pascal VOC: images like others but for their folder. */
const MAPS = /(^|\/)Segmentation(Class|Object)\/[^/]*\.png$/i;

/** Whether a file is one of masks, and not an image. */
export function isMaskFile(file: File): boolean {
  const { name, type } = file;
  return type === "application/json" || MASK_FILES.test(name) || ZIP.test(name) || MAPS.test(pathOf(file));
}

/**
 * The images in zips that are not too large to be read at all.
 *
 * @returns also what could not be unpacked, in sentences
 */
export async function imagesOfZips(
  files: readonly File[],
): Promise<{ readonly images: readonly File[]; readonly failures: readonly string[] }> {
  const images: File[] = [];
  const failures: string[] = [];
  for (const file of files.filter(({ name, size }) => ZIP.test(name) && size <= MAX_BYTES)) {
    let bytes = 0;
    const add = (size: number) => {
      bytes += size;
      if (bytes > MAX_BYTES)
        throw new StudioError(
          "masks-invalid",
          `"${file.name}" has more than ${MAX_BYTES / 1e6} MB of images, which are left out. Unpack it and drop the folder.`,
        );
    };
    try {
      const isImage = (path: string) => IMAGE_FILES.test(path) && !MAPS.test(path);
      const entries = await unpackZip(new Uint8Array(await file.arrayBuffer()), file.name, isImage, add);
      for (const [path, content] of entries)
        images.push(new File([content as Uint8Array<ArrayBuffer>], path.slice(path.lastIndexOf("/") + 1)));
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  return { images, failures };
}

/** With its folders, where it was chosen with them. */
function pathOf({ name, webkitRelativePath }: File): string {
  return webkitRelativePath || name;
}

/**
 * Reads files, and unpacks zips.
 *
 * @returns content by path, zips' names as folders
 * @throws StudioError `masks-invalid` for zips that are damaged, and for more than can be read at once
 */
export async function unpackFiles(files: readonly File[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  let bytes = 0;
  const add = (size: number) => {
    bytes += size;
    if (bytes > MAX_BYTES)
      throw tooLarge(`"${files[0]!.name}" and what came with it have more than ${MAX_BYTES / 1e6} MB`);
  };
  for (const { name, size } of files)
    if (size > MAX_BYTES) throw tooLarge(`"${name}" has ${Math.round(size / 1e6)} MB`);
  for (const file of files) {
    add(file.size);
    const content = new Uint8Array(await file.arrayBuffer());
    if (!ZIP.test(file.name)) found.set(unused(pathOf(file), found), content);
    else
      for (const [path, entry] of await unpackZip(content, file.name, isOfMasks, add))
        found.set(unused(`${file.name}/${path}`, found), entry);
  }
  return found;
}

function tooLarge(claim: string): StudioError {
  return new StudioError(
    "masks-invalid",
    `${claim}; this page reads ${MAX_BYTES / 1e6} MB of masks at once. Divide the set with "segany dataset split".`,
  );
}

/** Two files of one name in different folders come without these. */
function unused(name: string, taken: ReadonlyMap<string, unknown>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${i}/${name}`;
  return free;
}

/** Whether an entry of a zip may be one of masks. */
const isOfMasks = (path: string) => MASK_FILES.test(path) || MAPS.test(path);

/** @param add takes the size that each entry claims: no more than that is unpacked of it */
function unpackZip(
  content: Uint8Array,
  name: string,
  wants: (path: string) => boolean,
  add: (bytes: number) => void,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  return new Promise((resolve, reject) => {
    const filter = ({
      name: path,
      originalSize,
    }: {
      readonly name: string;
      readonly originalSize: number;
    }) => {
      const isWanted = wants(path);
      if (isWanted) add(originalSize);
      return isWanted;
    };
    try {
      unzip(content, { filter }, (error, entries) => {
        if (error) reject(damaged(name, error));
        else resolve(Object.entries(entries));
      });
    } catch (error) {
      reject(error instanceof StudioError ? error : damaged(name, error));
    }
  });
}

function damaged(name: string, cause: unknown): StudioError {
  return new StudioError("masks-invalid", `"${name}" is not a usable zip: ${(cause as Error).message}.`, {
    cause,
  });
}

/** For the decoder of PNGs: few bytes may unfold to gigabytes. */
export function checkPacked(packed: Uint8Array, maxBytes: number): void {
  let bytes = 0;
  const unpacking = new Unzlib((piece) => {
    bytes += piece.length;
    if (bytes > maxBytes) throw new Error("it holds more than it says");
  });
  const step = 2 ** 16;
  for (let at = 0; at < packed.length; at += step)
    unpacking.push(packed.subarray(at, at + step), at + step >= packed.length);
}
