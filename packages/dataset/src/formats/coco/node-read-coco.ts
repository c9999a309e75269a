import { basename, relative, resolve } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { createImageFinder, type ImageFinder } from "../../files/image-finder.js";
import type { Sight } from "../../files/sight.js";
import { show } from "../../json/fields.js";
import { mergeDatasets } from "../../operations/merge.js";
import type {
  Annotation,
  Dataset,
  DatasetImage,
  DatasetRecord,
  ReadTakers,
  RecordsOptions,
} from "../../record.js";
import { parseEach, setAside } from "../../set-aside.js";
import type { ReadOptions } from "../format.js";
import { partNameOf } from "../node-part-name.js";
import { parseCocoAnnotation, parseIgnoreRegion } from "./coco.js";
import { type CocoGroup, groupByImage, type OnStray } from "./node-coco-groups.js";
import { type CocoIndex, readCocoIndex } from "./node-coco-index.js";
import {
  findCocoFiles,
  findImageFolders,
  kindOfCoco,
  listCocoFiles,
  partPrefix,
  withImageFile,
} from "./node-coco-layout.js";

/** Settings of {@link readCoco}. */
export interface CocoReadOptions extends ReadOptions {
  /**
   * Files of fewer bytes are kept in memory; larger ones are sorted by image through temporary files in each
   * pass.
   */
  readonly keepBelowBytes?: number | undefined;
}

/** The usual limit of {@link CocoReadOptions.keepBelowBytes}. */
export const defaultKeepBelowBytes = 2 ** 26;

/**
 * Opens a COCO set: `annotations/instances_*.json` with `images/`, `annotations.json`, or a file by its
 * path. LVIS files are read in the same way. Files of several parts, such as training and validation, are
 * read as one set, each image in a folder named after its part. The list of images is held in memory, the
 * masks of one image at a time.
 *
 * @param format what to call the format: "lvis" for LVIS's files
 * @throws DatasetError `dataset-not-found`, `json-invalid`, `dataset-invalid`, `annotation-invalid`,
 * `name-unsafe`, `aborted`
 *
 * @example
 * await convert(dataset, "coco", "read-coco", { images: "none" });
 * const coco = await readCoco("read-coco");
 * console.log(coco.format); // coco
 */
export async function readCoco(
  path: string,
  options: CocoReadOptions = {},
  format: "coco" | "lvis" = "coco",
): Promise<Dataset> {
  const files = await listCocoFiles(path);
  const [only] = files;
  if (files.length === 1) return readCocoFile(only!, nameOf(path, only!), options, format);
  const parts: Dataset[] = [];
  for (const file of files)
    parts.push(await readCocoFile(file, partNameOf(file, partPrefix), options, format));
  return { ...mergeDatasets(parts), name: basename(resolve(path)), format };
}

async function readCocoFile(
  file: string,
  name: string,
  { signal, images, keepBelowBytes = defaultKeepBelowBytes, encoding, onProblem }: CocoReadOptions,
  format: "coco" | "lvis",
): Promise<Dataset> {
  const index = await readCocoIndex(file, {
    keepBelowBytes,
    signal,
    encoding,
    onProblem: (error, { key, index }) => setAside(error, `"${file}": ${key} ${index}`, onProblem),
  });
  checkUnique(index.images, `"${file}": images`);
  checkUnique(index.categories, `"${file}": categories`);
  const finder = createImageFinder(await findImageFolders(file, index.images, images));
  const { info, licenses } = index;
  return {
    name,
    format,
    categories: index.categories,
    imageCount: index.images.length,
    annotationCount: index.annotationCount,
    ...(info && { info }),
    ...(licenses && { licenses }),
    records: (options = {}) => recordsOf(index, finder, { signal, ...options }),
  };
}

function nameOf(path: string, file: string): string {
  const name = basename(resolve(path));
  const isUnnamed = path === file && /^(annotations|(instances|lvis_v1)_default)\.json$/.test(name);
  return isUnnamed ? partNameOf(resolve(path), partPrefix) : name;
}

function checkUnique(list: readonly { readonly id: number }[], where: string): void {
  const ids = new Set<number>();
  for (const { id } of list) {
    if (ids.has(id)) throw new DatasetError("dataset-invalid", `${where}: the id ${id} is there twice.`);
    ids.add(id);
  }
}

async function* recordsOf(
  index: CocoIndex,
  finder: ImageFinder,
  { signal, onProgress, ...takers }: RecordsOptions,
): AsyncIterable<DatasetRecord> {
  const categoryIds = new Set(index.categories.map(({ id }) => id));
  const onStray: OnStray = (error, { key, index: entry }) =>
    setAside(error, `"${index.path}": ${key} ${entry}`, takers.onProblem);
  let images = 0;
  let annotations = 0;
  for await (const group of groupByImage(index, { signal, onStray })) {
    throwIfAborted(signal);
    const image = await withImageFile(index.images[images]!, finder, takers);
    const record = recordOf(index.path, image, group, categoryIds, takers);
    yield record;
    images++;
    annotations += record.annotations.length;
    onProgress?.({ images, annotations, totalImages: index.images.length });
  }
}

function recordOf(
  path: string,
  image: DatasetImage,
  group: CocoGroup,
  categoryIds: ReadonlySet<number>,
  takers: ReadTakers,
): DatasetRecord {
  const annotations = parseEach(
    group.annotations,
    (i) => `"${path}": annotations ${group.annotations[i]!.index}`,
    ({ raw }, where) => {
      const annotation = parseCocoAnnotation(raw, image, where, takers);
      checkCategory(annotation, categoryIds, where);
      return annotation;
    },
    takers.onProblem,
  );
  if (group.ignoreRegions.length === 0) return { image, annotations };
  const ignoreRegions = parseEach(
    group.ignoreRegions,
    (i) => `"${path}": ignore_regions ${group.ignoreRegions[i]!.index}`,
    ({ raw }, where) => parseIgnoreRegion(raw, image, where),
    takers.onProblem,
  );
  return { image, annotations, ignoreRegions };
}

function checkCategory({ categoryId }: Annotation, categoryIds: ReadonlySet<number>, where: string): void {
  if (categoryId === undefined || categoryIds.size === 0 || categoryIds.has(categoryId)) return;
  throw new DatasetError(
    "annotation-invalid",
    `${where}: field "category_id" is ${show(categoryId)}, which is the id of no category in the file.`,
  );
}

/** What a COCO-like set is by the beginning and end of its first file, without reading the rest. */
export async function detectCoco(sight: Sight): Promise<ReturnType<typeof kindOfCoco>> {
  const [file] = await findCocoFiles(sight);
  if (file === undefined) return undefined;
  const name = sight.isFile ? undefined : relative(sight.path, file).replaceAll("\\", "/");
  return kindOfCoco(await sight.head(name), await sight.tail(name));
}
