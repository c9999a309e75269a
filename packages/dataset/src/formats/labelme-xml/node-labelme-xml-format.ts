import { join, posix } from "node:path";
import { encodeRle } from "@segany/masks";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFile, readBytes } from "../../files/files.js";
import { listFiles } from "../../files/folder-files.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { readSize } from "../../json/fields.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import { stemOf } from "../../names/file-names.js";
import { readImageName } from "../../names/match-names.js";
import type { Dataset } from "../../record.js";
import { setAside } from "../../set-aside.js";
import { binaryMask } from "../binary-mask.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { createClassNumbers, findToolImages, noSuchFile, openToolImage } from "../node-tool-dataset.js";
import { nameOfObject, parseLabelmeXml, parseObjects, type ReadMask } from "./labelme-xml.js";

/**
 * LabelMe 3, the web tool: `Annotations/…/x.xml`, `Images/…`, masks in `Masks/…`; also XML beside the images.
 */
export const labelmeXmlFormat: ReadableFormat = {
  name: "labelme-xml",
  title: "LabelMe 3 (the web tool): an XML an image with polygons, boxes and masks",
  detect,
  read,
};

/** How many XML files are looked into before a folder is given up. */
const triedFiles = 20;

async function detect(sight: Sight): Promise<boolean> {
  for (const name of sight.files.filter(isXml).slice(0, triedFiles)) {
    const head = await sight.head(name);
    if (
      /<annotation[\s>]/.test(head) &&
      /<(imagesize|sourceImage|polygon|segm)>/.test(head) &&
      !/<bndbox>/.test(head)
    )
      return true;
  }
  return false;
}

function isXml(name: string): boolean {
  return /\.xml$/i.test(name);
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, encoding, onProblem } = options;
  const entries = await listFiles(path, isXml);
  if (entries.length === 0) throw noSuchFile(path, "XML of LabelMe");
  const names = new Set<string>();
  for (const entry of entries) {
    throwIfAborted(signal);
    const file = join(path, entry);
    try {
      const { objects } = parseLabelmeXml(await readTextFile(file, encoding), file);
      for (const object of objects) names.add(nameOfObject(object) ?? "");
    } catch (error) {
      setAside(error, file, onProblem);
    }
  }
  names.delete("");
  const classes = createClassNumbers([...names].sort());
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "labelme-xml",
    categories: classes.categories,
    entries,
    signal,
    nameOf: (entry) => join(path, entry),
    async readRecord(entry, id, takers) {
      const file = join(path, entry);
      const { fileName, size, objects } = parseLabelmeXml(await readTextFile(file, encoding), file);
      const folder = posix.dirname(entry).replace(/(^|\/)Annotations(?=\/|$)/, "$1Images");
      const own = readImageName(fileName ?? `${posix.basename(stemOf(entry))}.jpg`, file);
      const inFolder = posix.join(folder, own);
      const name = (await finder.find(inFolder)) ? inFolder : own;
      const known = size && readSize({ ...size }, file);
      const image = await openToolImage({ id, name, size: known }, finder, file, takers);
      const readMask = maskReader(path, entry, image);
      return { image, annotations: await parseObjects(objects, image, classes.idOf, readMask, file, takers) };
    },
  });
}

/** Masks lie in `Masks` as the XML files do in `Annotations`; beside them where there is no such folder. */
function maskReader(
  path: string,
  entry: string,
  { width, height }: { readonly width: number; readonly height: number },
): ReadMask {
  const folder = posix.dirname(entry).replace(/(^|\/)Annotations(?=\/|$)/, "$1Masks");
  return async (name, where) => {
    const inFolder = join(path, folder, readImageName(name, where));
    const file = (await isFile(inFolder))
      ? inFolder
      : join(path, posix.dirname(entry), readImageName(name, where));
    const { mask } = binaryMask(decodeMaskPng(await readBytes(file), file));
    if (mask.width === width && mask.height === height) return { segmentation: encodeRle(mask) };
    throw new DatasetError(
      "annotation-invalid",
      `${where}: its mask is ${mask.width} x ${mask.height} pixels, but the image ${width} x ${height}.`,
    );
  };
}
