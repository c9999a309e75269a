import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, isFolder, readBytes } from "../../files/files.js";
import { imagesByStem, listFiles } from "../../files/folder-files.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import { stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import { categoriesOfNames } from "../class-list.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { toVocMasks, vocClassNames, vocHolds } from "./voc.js";
import { parseVocXml } from "./voc-xml.js";
import { backgroundName, classNamesFile, vocWriter } from "./write-voc.js";

/**
 * Pascal VOC segmentation: `JPEGImages`, `SegmentationClass` and `SegmentationObject` PNGs with VOC's palette,
 * `Annotations` XML, `ImageSets/Segmentation`. Classes have VOC's names unless `class_names.txt` gives others.
 */
export const vocFormat: DatasetFormat = {
  name: "voc",
  title: "Pascal VOC: JPEGImages, SegmentationClass and SegmentationObject PNGs, XML",
  holds: vocHolds,
  detect: (path) => isFolder(join(path, "SegmentationClass")),
  read,
  ...writesFolders(vocWriter),
};

async function read(path: string, { signal, images }: ReadOptions = {}): Promise<Dataset> {
  const stems = (await listFiles(join(path, "SegmentationClass"), (name) => /\.png$/i.test(name))).map(
    stemOf,
  );
  if (stems.length === 0) {
    throw new DatasetError(
      "dataset-not-found",
      `There is no PNG in "${join(path, "SegmentationClass")}", so there are no masks to read.`,
    );
  }
  const classNames = await readClassNames(path);
  const imageFolder = images ?? join(path, "JPEGImages");
  const imageNames = await imagesByStem(imageFolder);
  return perImageDataset({
    path,
    format: "voc",
    categories: categoriesOfNames(classNames),
    entries: stems,
    signal,
    nameOf: (stem) => join(path, "SegmentationClass", `${stem}.png`),
    readRecord: (stem, id) => readVocRecord(path, stem, imageFolder, imageNames.get(stem), classNames, id),
  });
}

async function readClassNames(path: string): Promise<readonly string[]> {
  const file = join(path, classNamesFile);
  if (!(await isFile(file))) return vocClassNames;
  const names = (await readText(file)).split(/\r?\n/).filter((line) => line.trim() !== "");
  const background = names.indexOf(backgroundName);
  return background < 0 ? names : names.slice(background + 1);
}

async function readText(file: string): Promise<string> {
  return Buffer.from(await readBytes(file)).toString("utf8");
}

async function readVocRecord(
  path: string,
  stem: string,
  imageFolder: string,
  imageName: string | undefined,
  classNames: readonly string[],
  id: number,
): Promise<DatasetRecord> {
  const classFile = join(path, "SegmentationClass", `${stem}.png`);
  const objectFile = join(path, "SegmentationObject", `${stem}.png`);
  const xmlFile = join(path, "Annotations", `${stem}.xml`);
  const classMap = decodeLabelPng(await readBytes(classFile), classFile);
  const objectMap = (await isFile(objectFile))
    ? decodeLabelPng(await readBytes(objectFile), objectFile)
    : undefined;
  const objects = (await isFile(xmlFile)) ? parseVocXml(await readText(xmlFile), xmlFile) : [];
  const { width, height } = classMap;
  const imageFile = imageName === undefined ? undefined : join(imageFolder, imageName);
  return {
    image: {
      id,
      fileName: imageName ?? `${stem}.jpg`,
      width,
      height,
      ...(imageFile !== undefined && { open: () => readBytes(imageFile) }),
    },
    ...toVocMasks(classMap, objectMap, objects, classNames, classFile),
  };
}
