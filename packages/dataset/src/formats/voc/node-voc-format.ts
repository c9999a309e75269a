import { join } from "node:path";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, isFolder, readBytes } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { findByStem, type StemFinder } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { readSize } from "../../json/fields.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import { stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord, ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import { categoriesOfNames } from "../class-list.js";
import { labelsOfPixels, objectsOfPixels } from "../colour-table.js";
import type { DatasetFormat, Detection, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { toVocBoxes, toVocMasks, vocHolds } from "./voc.js";
import { type VocClassTable, vocClassTable } from "./voc-classes.js";
import { parseVocXml, type VocFile } from "./voc-xml.js";
import { classNamesFile, labelMapFile, vocWriter } from "./write-voc.js";

/**
 * Pascal VOC: `JPEGImages`, `SegmentationClass` and `SegmentationObject` PNGs with VOC's palette or a table's
 * colours, `Annotations` XML, `ImageSets`. Sets of XML alone, also beside the images, have boxes. Classes
 * have VOC's names unless `labelmap.txt` or `class_names.txt` gives others.
 */
export const vocFormat: DatasetFormat = {
  name: "voc",
  title: "Pascal VOC: JPEGImages, SegmentationClass and SegmentationObject PNGs, XML with boxes",
  holds: vocHolds,
  detect,
  read,
  ...writesFolders(vocWriter),
};

async function detect(sight: Sight): Promise<Detection> {
  if (sight.isFile)
    return isXml(sight.path) && isVocXml(await sight.head())
      ? "it is the file of one image; name the set's folder"
      : false;
  if (sight.hasFolder("SegmentationClass")) return true;
  for (const name of sight.files.filter(isXml).slice(0, triedFiles))
    if (isVocXml(await sight.head(name))) return true;
  return sight.hasFolder("JPEGImages")
    ? "it has JPEGImages, but neither SegmentationClass nor XML files"
    : false;
}

function isVocXml(head: string): boolean {
  return /<annotation[\s>]/.test(head) && /<(bndbox|segmented|size)>/.test(head) && !/<imagesize>/.test(head);
}

/** How many XML files are looked into before a folder is given up. */
const triedFiles = 20;

function isXml(name: string): boolean {
  return /\.xml$/i.test(name);
}

/** What reading an image's files needs to know of the set. */
interface VocSource {
  readonly path: string;
  readonly encoding: string | undefined;
  readonly finder: StemFinder;
  /** Where the XML files are. */
  readonly xmlFolder: string;
  /** By number, from 1. */
  readonly classNames: readonly string[];
  /** The numbers of colours in the map of classes. */
  readonly colours: ReadonlyMap<number, number>;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, images, encoding } = options;
  const isLaidOut =
    (await isFolder(join(path, "Annotations"))) || (await isFolder(join(path, "SegmentationClass")));
  const xmlFolder = isLaidOut ? join(path, "Annotations") : path;
  const xmlNames = await listFiles(xmlFolder, isXml);
  const maps = await listFiles(join(path, "SegmentationClass"), (name) => /\.png$/i.test(name));
  const stems = [...new Set([...maps, ...xmlNames].map(stemOf))].sort();
  if (stems.length === 0) {
    throw new DatasetError(
      "dataset-not-found",
      `There is no PNG in "${join(path, "SegmentationClass")}" and no XML in "${xmlFolder}", so there is nothing to read.`,
    );
  }
  await tellPartLists(path, options);
  const table = await readClassTable(path, encoding, maps.length > 0);
  const found = await collectNames(xmlFolder, xmlNames, options);
  const source: VocSource = {
    path,
    encoding,
    xmlFolder,
    finder: await findByStem(images ?? (isLaidOut ? join(path, "JPEGImages") : path)),
    classNames: [...table.names, ...found.filter((name) => !table.names.includes(name))],
    colours: table.colours,
  };
  return perImageDataset({
    path,
    format: "voc",
    categories: categoriesOfNames(source.classNames),
    entries: stems,
    signal,
    nameOf: (stem) => join(maps.length > 0 ? join(path, "SegmentationClass") : xmlFolder, stem),
    readRecord: (stem, id, takers) => readVocRecord(source, stem, id, takers),
  });
}

/** A record has no part: lists of several are left out. */
async function tellPartLists(path: string, { onLoss }: ReadOptions): Promise<void> {
  const lists = await listFiles(join(path, "ImageSets"), (name) => /(^|\/)(train|val|test)\.txt$/.test(name));
  const parts = new Set(lists.map((name) => name.replace(/^.*\//, "")));
  if (parts.size > 1) for (const list of lists) onLoss?.("partLists", join(path, "ImageSets", list));
}

/**
 * The classes by number from 1, and the numbers of colours: of a table of the set, else VOC's own where there
 * are maps.
 */
async function readClassTable(
  path: string,
  encoding: string | undefined,
  hasMaps: boolean,
): Promise<VocClassTable> {
  const [table, list] = [labelMapFile, classNamesFile].map((name) => join(path, name)) as [string, string];
  return vocClassTable(
    {
      table: (await isFile(table)) ? { text: await readTextFile(table, encoding), path: table } : undefined,
      list: (await isFile(list)) ? await readTextFile(list, encoding) : undefined,
    },
    hasMaps,
  );
}

/** One pass over all XML files, since a data set names its classes before its first image. */
async function collectNames(
  folder: string,
  names: readonly string[],
  { signal, encoding, onProblem }: ReadOptions,
): Promise<string[]> {
  const found = new Set<string>();
  for (const name of names) {
    throwIfAborted(signal);
    const file = join(folder, name);
    try {
      // What is wrong with an object is told when it is read.
      const { objects } = parseVocXml(await readTextFile(file, encoding), file, { onProblem: () => {} });
      for (const object of objects) if (object) found.add(object.name);
    } catch (error) {
      setAside(error, file, onProblem);
    }
  }
  return [...found].sort();
}

async function readVocRecord(
  { path, encoding, xmlFolder, finder, classNames, colours }: VocSource,
  stem: string,
  id: number,
  takers: ReadTakers,
): Promise<DatasetRecord> {
  const classFile = join(path, "SegmentationClass", `${stem}.png`);
  const objectFile = join(path, "SegmentationObject", `${stem}.png`);
  const xmlFile = join(xmlFolder, `${stem}.xml`);
  const image = finder.find(stem);
  const file: VocFile = (await isFile(xmlFile))
    ? parseVocXml(await readTextFile(xmlFile, encoding), xmlFile, takers)
    : { objects: [] };
  const named = { id, fileName: image?.name ?? `${stem}.jpg`, ...(image && { open: image.open }) };
  if (!(await isFile(classFile))) {
    const size = file.size ? readSize(file.size, xmlFile) : image && (await imageSizeOf(image.path));
    if (!size)
      throw new DatasetError("image-missing", `${xmlFile} says no size, and there is no image for it.`);
    return {
      image: { ...named, ...size },
      annotations: toVocBoxes(file.objects, classNames, xmlFile, takers),
    };
  }
  const classMap = labelsOfPixels(decodeMaskPng(await readBytes(classFile), classFile), colours, classFile);
  const objectMap = (await isFile(objectFile))
    ? objectsOfPixels(decodeMaskPng(await readBytes(objectFile), objectFile))
    : undefined;
  const { width, height } = classMap;
  return {
    image: { ...named, width, height },
    ...toVocMasks(classMap, objectMap, file.objects, classNames, classFile, takers),
  };
}
