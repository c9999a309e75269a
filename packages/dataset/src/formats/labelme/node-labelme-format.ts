import { join, posix } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, readBytes } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { createImageFinder, type ImageFinder } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { asObject, type RawObject, readSize, readText } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import { encodeLabelPng } from "../../masks/encode-label-png.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import { checkFileName } from "../../names/file-names.js";
import { readImageName } from "../../names/match-names.js";
import type { Dataset, DatasetRecord, ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import { categoriesOfNames } from "../class-list.js";
import type { DatasetFormat, Detection, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { labelmeHolds, labelsOf, type MaskPngs, parseLabelmeShapes } from "./labelme.js";
import { classNamesOf } from "./read-labelme.js";
import { createLabelmeWriter, labelsFile } from "./write-labelme.js";

const pngs: MaskPngs = {
  decode: (base64, where) => decodeLabelPng(Buffer.from(base64, "base64"), where),
  encode: (map) => Buffer.from(encodeLabelPng(map, "grey")).toString("base64"),
};

const labelmeWriter = createLabelmeWriter(pngs);

/**
 * LabelMe: `x.json` beside each image `x.jpg`. Classes are the labels that occur, those of `labels.txt`
 * first.
 */
export const labelmeFormat: DatasetFormat = {
  name: "labelme",
  title: "LabelMe: a JSON with polygons and masks beside each image",
  holds: labelmeHolds,
  detect,
  read,
  ...writesFolders(labelmeWriter),
};

async function detect(sight: Sight): Promise<Detection> {
  const hasShapes = (head: string): boolean => /"shapes"\s*:\s*\[/.test(head);
  if (sight.isFile)
    return isJson(sight.path) && hasShapes(await sight.head())
      ? "it is the file of one image; name its folder"
      : false;
  for (const name of sight.files.filter(isJson).slice(0, triedFiles))
    if (hasShapes(await sight.head(name))) return true;
  return false;
}

/** How many JSON files are looked into before a folder is given up; LabelMe writes its key `shapes` early. */
const triedFiles = 20;

function isJson(name: string): boolean {
  return /\.json$/i.test(name);
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, images } = options;
  const entries = await listFiles(path, isJson);
  if (entries.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no JSON file in "${path}", so there are no shapes to read.`,
    );
  const labels = await collectLabels(path, entries, options);
  const source = {
    path,
    encoding: options.encoding,
    categoryIds: new Map(labels.map((label, i) => [label, i + 1])),
    finder: createImageFinder(images === undefined ? [path] : [images]),
    isElsewhere: images !== undefined,
  };
  return perImageDataset({
    path,
    format: "labelme",
    categories: categoriesOfNames(labels),
    entries,
    signal,
    nameOf: (name) => join(path, name),
    readRecord: (name, id, takers) => readLabelmeRecord(source, name, id, takers),
  });
}

/** One pass over all files, since a data set names its classes before its first image. */
async function collectLabels(
  path: string,
  names: readonly string[],
  { signal, onProblem, encoding }: ReadOptions,
): Promise<string[]> {
  const found = new Set<string>();
  for (const name of names) {
    throwIfAborted(signal);
    const file = join(path, name);
    try {
      for (const label of labelsOf(asObject(parseJson(await readBytes(file), file, encoding), file), file))
        found.add(label);
    } catch (error) {
      setAside(error, file, onProblem);
    }
  }
  const list = join(path, labelsFile);
  return classNamesOf((await isFile(list)) ? await readTextFile(list, encoding) : "", found);
}

/** What reading a file needs to know of the set. */
interface LabelmeSource {
  readonly path: string;
  readonly encoding: string | undefined;
  readonly categoryIds: ReadonlyMap<string, number>;
  readonly finder: ImageFinder;
  /** Whether the images are in a folder that the user names. */
  readonly isElsewhere: boolean;
}

async function readLabelmeRecord(
  { path, encoding, categoryIds, finder, isElsewhere }: LabelmeSource,
  name: string,
  id: number,
  takers: ReadTakers,
): Promise<DatasetRecord> {
  const file = join(path, name);
  const raw = asObject(parseJson(await readBytes(file), file, encoding), file);
  const imagePath = readText(raw, "imagePath", file);
  const fileName = imageNameOf(imagePath, name, isElsewhere, file);
  const found = (await finder.find(fileName)) ?? (await finder.find(imagePath));
  if (found?.by === "capitals") takers.onLoss?.("changedNames", file);
  const size =
    raw.imageWidth == null && found
      ? await imageSizeOf(found.path)
      : readSize({ width: raw.imageWidth, height: raw.imageHeight }, file);
  const openImage = found?.open ?? embeddedImage(raw, file, encoding);
  return {
    image: { id, fileName, ...size, ...(openImage && { open: openImage }) },
    annotations: parseLabelmeShapes(raw, size, categoryIds, pngs, file, takers),
  };
}

/**
 * The image's name relative to the data set; `imagePath` is relative to its JSON, and on Windows has
 * backslashes.
 */
function imageNameOf(imagePath: string, jsonName: string, elsewhere: boolean, where: string): string {
  const plain = imagePath.replaceAll("\\", "/");
  const isRelative = !/^\/|^[a-z]+:/i.test(plain);
  // In a folder of images that the user names, they lie as the JSON files do.
  const inFolder = isRelative && !elsewhere ? plain : readImageName(posix.basename(plain), where);
  const name = posix.normalize(posix.join(posix.dirname(jsonName), inFolder));
  if (name.startsWith("../")) {
    throw new DatasetError(
      "name-unsafe",
      `${where}: "imagePath" is ${JSON.stringify(imagePath)}, outside of the data set's folder; name the folder of images, or the folder above both.`,
    );
  }
  return checkFileName(name, where);
}

/** The image as it may be in the JSON itself; read again when asked for, so that it isn't kept in memory. */
function embeddedImage(
  raw: RawObject,
  file: string,
  encoding: string | undefined,
): (() => Promise<Uint8Array>) | undefined {
  if (typeof raw.imageData !== "string") return undefined;
  return async () => {
    const again = asObject(parseJson(await readBytes(file), file, encoding), file);
    return Buffer.from(readText(again, "imageData", file), "base64");
  };
}
