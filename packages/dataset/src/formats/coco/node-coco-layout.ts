import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, isFolder, readBytes } from "../../files/files.js";
import { checkFileName } from "../../names/file-names.js";
import type { DatasetImage } from "../../record.js";

/**
 * Finds the annotation file of a COCO or LVIS set: the path itself, `annotations.json` or the one instance file in the folder or in its
 * `annotations/`.
 *
 * @throws DatasetError `dataset-not-found` when there is none, `option-invalid` when there are several to choose from
 */
export async function findCocoFile(path: string): Promise<string> {
  if (await isFile(path)) return path;
  if (!(await isFolder(path))) throw new DatasetError("dataset-not-found", `There is nothing at "${path}".`);
  const usual = join(path, "annotations.json");
  if (await isFile(usual)) return usual;
  const found = [...(await listCocoFiles(path)), ...(await listCocoFiles(join(path, "annotations")))];
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new DatasetError(
      "dataset-not-found",
      `"${path}" has neither annotations.json nor an instances_*.json, there or in annotations/; name the file.`,
    );
  }
  throw new DatasetError(
    "option-invalid",
    `"${path}" has several annotation files; name one: ${found.join(", ")}.`,
  );
}

async function listCocoFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const isInstances = (name: string): boolean =>
    /^(instances_.*|lvis_v1_.*|_annotations\.coco)\.json$/i.test(name);
  return names
    .filter(isInstances)
    .sort()
    .map((name) => join(folder, name));
}

/** How many images are looked for before a folder is given up. */
const triedImages = 20;

/**
 * Finds the folders images lie in: `images/` beside the annotation file or above it, or the split's own folder (`val2017/` for
 * `instances_val2017.json`); those come first that have some of the first images.
 *
 * @param images the folder, where the user named it
 * @throws DatasetError `dataset-not-found` when the named folder isn't there
 */
export async function findImageFolders(
  cocoFile: string,
  first: readonly DatasetImage[],
  images: string | undefined,
): Promise<string[]> {
  if (images !== undefined) {
    if (await isFolder(images)) return [images];
    throw new DatasetError("dataset-not-found", `The folder of images "${images}" is not there.`);
  }
  const folder = dirname(cocoFile);
  const split = basename(cocoFile).match(/^(?:instances|lvis_v1)_(\w+)\.json$/i)?.[1];
  const parents = [folder, dirname(folder)];
  const candidates = [
    ...parents.map((parent) => join(parent, "images")),
    ...(split ? parents.flatMap((parent) => [join(parent, split), join(parent, "images", split)]) : []),
    ...parents,
  ];
  const found: string[] = [];
  for (const candidate of candidates) {
    for (const { fileName } of first.slice(0, triedImages)) {
      if (!(await isFile(join(candidate, fileName)))) continue;
      found.push(candidate);
      break;
    }
  }
  return found;
}

/** Adds how to open the image to an image whose file lies in one of the folders; gives it back as it is where there is none. */
export async function withImageFile(image: DatasetImage, folders: readonly string[]): Promise<DatasetImage> {
  for (const folder of folders) {
    const path = join(folder, checkFileName(image.fileName, folder));
    if (await isFile(path)) return { ...image, open: () => readBytes(path) };
  }
  return image;
}
