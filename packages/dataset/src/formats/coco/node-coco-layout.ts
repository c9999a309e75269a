import { basename, dirname, join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, isFolder } from "../../files/files.js";
import type { ImageFinder } from "../../files/image-finder.js";
import { lookAt, type Sight } from "../../files/sight.js";
import type { DatasetImage, ReadTakers } from "../../record.js";

/** How a file with masks of instances is called by COCO's, LVIS's and Roboflow's tools. */
const usualName = /(^|\/)(instances_[^/]*|lvis_v1_[^/]*|_annotations\.coco)\.json$/i;

/**
 * Finds the annotation files of a COCO or LVIS set: the path itself, `annotations.json`, the instance files
 * of a set's parts in the folder, in its `annotations/` or in the parts' own, Roboflow's
 * `_annotations.coco.json` in the parts' folders, else any JSON file of this form, such as FiftyOne's
 * `labels.json` and Label Studio's `result.json`.
 *
 * @param most JSON files of other names to look into: few to tell the format, all to read the set
 * @returns a file a part, in the order of their names; none when there is none
 */
export async function findCocoFiles(sight: Sight, most = triedFiles): Promise<string[]> {
  if (sight.isFile) return [sight.path];
  if (sight.hasFile("annotations.json")) return [join(sight.path, "annotations.json")];
  const isNear = (name: string, most: number): boolean => name.split("/").length <= most;
  const usual = sight.files.filter((name) => usualName.test(name) && isNear(name, 3)).sort();
  const near = sight.files.filter((name) => /\.json$/i.test(name) && isNear(name, 2)).sort();
  const found = usual.length > 0 ? usual : await filterLikeCoco(sight, near.slice(0, most));
  return found.map((name) => join(sight.path, name));
}

/** How many JSON files of other names are looked into to tell the format. */
const triedFiles = 20;

async function filterLikeCoco(sight: Sight, names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of names)
    if (kindOfCoco(await sight.head(name), await sight.tail(name)) === "coco") found.push(name);
  return found;
}

/** What a file is by its beginning and end: COCO's and LVIS's instances, or the segments of COCO panoptic. */
export function kindOfCoco(head: string, tail: string): "coco" | "lvis" | "panoptic" | undefined {
  if (!/^\s*\{/.test(head)) return undefined;
  const text = head + tail;
  if (/"neg_category_ids"|"not_exhaustive_category_ids"/.test(text)) return "lvis";
  if (/"segments_info"\s*:\s*\[/.test(text)) return "panoptic";
  if (/^\s*\{\s*"image"\s*:/.test(head)) return undefined;
  const lists = ["images", "annotations", "categories"].filter((key) =>
    new RegExp(`"${key}"\\s*:\\s*\\[`).test(text),
  );
  return lists.length >= 2 || /"annotations"\s*:\s*\[\s*\{[^{}]*"image_id"/.test(text) ? "coco" : undefined;
}

/** Why a JSON file that looks like one of COCO's tools is no set. */
export async function nearlyCoco(sight: Sight): Promise<string | false> {
  const names = sight.isFile
    ? [undefined]
    : sight.files.filter((name) => /\.json$/i.test(name)).slice(0, triedFiles);
  for (const name of names) {
    const text = (await sight.head(name)) + (await sight.tail(name));
    const reason = reasonAgainst(text);
    if (reason !== undefined) return `${basename(name ?? sight.path)} ${reason}`;
  }
  return false;
}

function reasonAgainst(text: string): string | undefined {
  const has = (key: string): boolean => new RegExp(`"${key}"\\s*:\\s*\\[`).test(text);
  if (!/^\s*\{/.test(text) || has("shapes") || has("segments_info")) return undefined;
  if (has("images") && !has("annotations")) return 'has a list "images", but no list "annotations"';
  return has("annotations") && has("categories") && !has("images")
    ? 'has a list "annotations", but no list "images"'
    : undefined;
}

/**
 * The files of a set that is there.
 *
 * @throws DatasetError `dataset-not-found`
 */
export async function listCocoFiles(path: string): Promise<string[]> {
  if (!(await isFile(path)) && !(await isFolder(path)))
    throw new DatasetError("dataset-not-found", `There is nothing at "${path}".`);
  const found = await findCocoFiles(await lookAt(path), Number.POSITIVE_INFINITY);
  if (found.length > 0) return found;
  throw new DatasetError(
    "dataset-not-found",
    `"${path}" has no instances_*.json, annotations.json or _annotations.coco.json, there or in a folder in it; name the file.`,
  );
}

/** With which the files of COCO's and LVIS's parts begin. */
export const partPrefix = /^(instances|lvis_v1)_/i;

function splitOf(cocoFile: string): string | undefined {
  return basename(cocoFile).match(/^(?:instances|lvis_v1)_([\w-]+)\.json$/i)?.[1];
}

/** How many images are looked for before a folder is given up. */
const triedImages = 20;

/**
 * Finds the folders images lie in: `images/` beside the annotation file or above it, or the split's own
 * folder (`val2017/` for `instances_val2017.json`); those come first that have some of the first images.
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
  const split = splitOf(cocoFile);
  const parents = [folder, dirname(folder)];
  const candidates = [
    ...parents.map((parent) => join(parent, "images")),
    ...parents.map((parent) => join(parent, "data")),
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
  // Names in another form are looked for in the folders that are for images, and in the set's own.
  const own = basename(folder) === "annotations" ? dirname(folder) : folder;
  const others = [];
  for (const candidate of [...candidates.slice(0, -parents.length), own])
    if (!found.includes(candidate) && (await isFolder(candidate))) others.push(candidate);
  return [...found, ...others];
}

/** Adds how to open the image to an image whose file is there; gives it back as it is where there is none. */
export async function withImageFile(
  image: DatasetImage,
  finder: ImageFinder,
  { onLoss }: ReadTakers,
): Promise<DatasetImage> {
  const found = await finder.find(image.fileName);
  if (found?.by === "capitals") onLoss?.("changedNames", image.fileName);
  return found ? { ...image, open: found.open } : image;
}
