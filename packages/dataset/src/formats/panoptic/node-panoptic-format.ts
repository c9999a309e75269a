import { basename, dirname, join, resolve } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, isFolder, readBytes } from "../../files/files.js";
import { createImageFinder } from "../../files/image-finder.js";
import { lookAt, type Sight } from "../../files/sight.js";
import { asList, asObject, readId, readOptionalFlag, readSize, readText } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import { readImageName } from "../../names/match-names.js";
import { mergeDatasets } from "../../operations/merge.js";
import type { Category, Dataset, DatasetRecord } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { partNameOf } from "../node-part-name.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { glimpseToolFiles, noSuchFile, openToolImage, type ToolFile } from "../node-tool-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { parseSegments } from "./panoptic.js";
import { panopticHolds, panopticWriter } from "./write-panoptic.js";

/**
 * COCO panoptic: `annotations/panoptic_PART.json`, `annotations/panoptic_PART/….png`, images in `images/` or
 * `PART/`.
 */
export const panopticFormat: DatasetFormat = {
  name: "panoptic",
  title: "COCO panoptic: panoptic_PART.json, and a folder of PNGs with the numbers of segments",
  holds: panopticHolds,
  detect: async (sight) => (await findPanoptic(sight)).length > 0,
  read,
  ...writesFolders(panopticWriter),
};

const segmentsFile: ToolFile = {
  ending: /\.json$/i,
  begins: (head) => /"segments_info"\s*:\s*\[/.test(head),
  title: "panoptic_PART.json",
};

async function findPanoptic(sight: Sight): Promise<string[]> {
  const named = await glimpseToolFiles(sight, segmentsFile);
  if (named.length > 0 || sight.isFile) return named;
  // In large files the lists of images and classes come first.
  return sight.files
    .filter((name) => /(^|\/)panoptic_[^/]*\.json$/i.test(name))
    .map((name) => join(sight.path, name));
}

/** A file of a few hundred thousand images; it is read as a whole. */
const maxBytes = 2 ** 29;

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly png: string;
  readonly segments: unknown;
  readonly where: string;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findPanoptic(await lookAt(path));
  const [file] = files;
  if (file === undefined) throw noSuchFile(path, segmentsFile.title);
  if (files.length === 1) return readFile(file, basename(resolve(path)), options);
  const parts: Dataset[] = [];
  for (const part of files) parts.push(await readFile(part, partNameOf(part, /^panoptic_/i), options));
  return { ...mergeDatasets(parts), name: basename(resolve(path)), format: "panoptic" };
}

async function readFile(file: string, name: string, options: ReadOptions): Promise<Dataset> {
  const content = asObject(
    parseJson(await readBytes(file, undefined, maxBytes), file, options.encoding),
    file,
  );
  const categories = parseEach(
    asList(content.categories ?? [], `${file}: field "categories"`),
    (i) => `${file}: categories ${i}`,
    toCategory,
    options.onProblem,
  );
  const entries = await listEntries(content, file, options);
  const finder = createImageFinder(imageFolders(file, options.images), { anyFolder: true });
  return perImageDataset<Entry>({
    path: name,
    format: "panoptic",
    categories,
    entries,
    signal: options.signal,
    nameOf: ({ where }) => where,
    async readRecord({ id, name, size, png, segments, where }, _, takers): Promise<DatasetRecord> {
      const pixels = decodeMaskPng(await readBytes(png), png);
      if (pixels.width !== size.width || pixels.height !== size.height)
        throw new DatasetError(
          "annotation-invalid",
          `${png} is ${pixels.width} x ${pixels.height} pixels, but its image ${size.width} x ${size.height}.`,
        );
      const image = await openToolImage({ id, name, size }, finder, where, takers);
      return { image, annotations: parseSegments(segments, pixels, where, takers) };
    },
  });
}

/** Not the folder of PNGs, whose names are those of the images. */
function imageFolders(file: string, images: string | undefined): string[] {
  if (images !== undefined) return [images];
  const part = basename(file)
    .replace(/\.json$/i, "")
    .replace(/^panoptic_/, "");
  return [dirname(dirname(file)), dirname(file)].flatMap((root) => [
    join(root, "images", part),
    join(root, part),
    join(root, "images"),
  ]);
}

function toCategory(value: unknown, where: string): Category {
  const raw = asObject(value, where);
  const isThing = readOptionalFlag(raw, "isthing", where);
  return {
    id: readId(raw, "id", where),
    name: readText(raw, "name", where),
    ...(typeof raw.supercategory === "string" && { supercategory: raw.supercategory }),
    ...(isThing !== undefined && { isThing }),
  };
}

async function listEntries(
  content: Readonly<Record<string, unknown>>,
  file: string,
  { onProblem }: ReadOptions,
): Promise<Entry[]> {
  const images = new Map<number, Pick<Entry, "name" | "size">>();
  parseEach(
    asList(content.images, `${file}: field "images"`),
    (i) => `${file}: images ${i}`,
    (value, where) => {
      const raw = asObject(value, where);
      const name = readImageName(readText(raw, "file_name", where), where);
      images.set(readId(raw, "id", where), { name, size: readSize(raw, where) });
    },
    onProblem,
  );
  const folder = await findPngFolder(file);
  return parseEach(
    asList(content.annotations, `${file}: field "annotations"`),
    (i) => `${file}: annotations ${i}`,
    (value, where) => {
      const raw = asObject(value, where);
      const id = readId(raw, "image_id", where);
      const image = images.get(id);
      if (!image)
        throw new DatasetError(
          "annotation-invalid",
          `${where}: field "image_id" is ${id}, which is the id of no image.`,
        );
      const png = join(folder, readImageName(readText(raw, "file_name", where), where));
      return { id, ...image, png, segments: raw.segments_info, where };
    },
    onProblem,
  );
}

/** The PNGs are in a folder named after the file, else beside it. */
async function findPngFolder(file: string): Promise<string> {
  const own = file.replace(/\.json$/i, "");
  if (await isFolder(own)) return own;
  const named = join(dirname(file), basename(own).replace(/^panoptic_/, ""));
  return (await isFolder(named)) && !(await isFile(named)) ? named : dirname(file);
}
