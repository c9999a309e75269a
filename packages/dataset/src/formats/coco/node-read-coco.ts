import { open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { show } from "../../json/fields.js";
import type { Annotation, Dataset, DatasetImage, DatasetRecord, RecordsOptions } from "../../record.js";
import { type OnProblem, parseEach, setAside } from "../../set-aside.js";
import type { ReadOptions } from "../format.js";
import { parseCocoAnnotation, parseIgnoreRegion } from "./coco.js";
import { type CocoGroup, groupByImage, type OnStray } from "./node-coco-groups.js";
import { type CocoIndex, readCocoIndex } from "./node-coco-index.js";
import { findCocoFile, findImageFolders, withImageFile } from "./node-coco-layout.js";

/** Settings of {@link readCoco}. */
export interface CocoReadOptions extends ReadOptions {
  /** Files of fewer bytes are kept in memory; larger ones are sorted by image through temporary files in each pass. */
  readonly keepBelowBytes?: number | undefined;
}

/** The usual limit of {@link CocoReadOptions.keepBelowBytes}. */
export const defaultKeepBelowBytes = 2 ** 26;

/**
 * Opens a COCO set: `annotations.json` with `images/`, the official layout, or an annotation file by its path. LVIS files are read
 * in the same way. The list of images is held in memory, the masks of one image at a time.
 *
 * @param format what to call the format: "lvis" for LVIS's files
 * @throws DatasetError `dataset-not-found`, `json-invalid`, `dataset-invalid`, `annotation-invalid`, `name-unsafe`, `aborted`
 *
 * @example
 * await convert(dataset, "coco", "read-coco", { images: "none" });
 * const coco = await readCoco("read-coco");
 * console.log(coco.format); // coco
 */
export async function readCoco(
  path: string,
  { signal, images, keepBelowBytes = defaultKeepBelowBytes, onProblem }: CocoReadOptions = {},
  format: "coco" | "lvis" = "coco",
): Promise<Dataset> {
  const file = await findCocoFile(path);
  const index = await readCocoIndex(file, {
    keepBelowBytes,
    signal,
    onProblem: (error, { key, index }) => setAside(error, `"${file}": ${key} ${index}`, onProblem),
  });
  checkUnique(index.images, `"${file}": images`);
  checkUnique(index.categories, `"${file}": categories`);
  const folders = await findImageFolders(file, index.images, images);
  const { info, licenses } = index;
  return {
    name: nameOf(path, file),
    format,
    categories: index.categories,
    imageCount: index.images.length,
    annotationCount: index.annotationCount,
    ...(info && { info }),
    ...(licenses && { licenses }),
    records: (options = {}) => recordsOf(index, folders, { signal, ...options }),
  };
}

function nameOf(path: string, file: string): string {
  const name = basename(resolve(path));
  return path === file && name === "annotations.json" ? basename(dirname(resolve(path))) : name;
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
  folders: readonly string[],
  { signal, onProgress, onProblem }: RecordsOptions,
): AsyncIterable<DatasetRecord> {
  const categoryIds = new Set(index.categories.map(({ id }) => id));
  const onStray: OnStray = (error, { key, index: entry }) =>
    setAside(error, `"${index.path}": ${key} ${entry}`, onProblem);
  let images = 0;
  let annotations = 0;
  for await (const group of groupByImage(index, { signal, onStray })) {
    throwIfAborted(signal);
    const image = await withImageFile(index.images[images]!, folders);
    const record = recordOf(index.path, image, group, categoryIds, onProblem);
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
  onProblem: OnProblem | undefined,
): DatasetRecord {
  const annotations = parseEach(
    group.annotations,
    (i) => `"${path}": annotations ${group.annotations[i]!.index}`,
    ({ raw }, where) => {
      const annotation = parseCocoAnnotation(raw, image, where);
      checkCategory(annotation, categoryIds, where);
      return annotation;
    },
    onProblem,
  );
  if (group.ignoreRegions.length === 0) return { image, annotations };
  const ignoreRegions = parseEach(
    group.ignoreRegions,
    (i) => `"${path}": ignore_regions ${group.ignoreRegions[i]!.index}`,
    ({ raw }, where) => parseIgnoreRegion(raw, image, where),
    onProblem,
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

const headBytes = 2 ** 16;
const tailBytes = 2 ** 16;

/** What a COCO-like file at the path is by its beginning and end, without reading the rest. */
export async function detectCoco(path: string): Promise<"coco" | "lvis" | undefined> {
  try {
    const text = await readEnds(await findCocoFile(path));
    if (!/^\uFEFF?\s*\{/.test(text)) return undefined;
    if (/"neg_category_ids"|"not_exhaustive_category_ids"/.test(text)) return "lvis";
    return /"(images|annotations|categories)"\s*:\s*\[/.test(text) && !/^\s*\{\s*"image"\s*:/.test(text)
      ? "coco"
      : undefined;
  } catch {
    return undefined;
  }
}

async function readEnds(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const head = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const tail = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes));
    return head.buffer.toString("utf8", 0, head.bytesRead) + tail.buffer.toString("utf8", 0, tail.bytesRead);
  } finally {
    await handle.close();
  }
}
