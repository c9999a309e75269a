import { readTextFile } from "../../files/read-text.js";
import type { Dataset } from "../../record.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findToolFiles,
  findToolImages,
  hasToolFile,
  openToolImage,
  type ToolFile,
} from "../node-tool-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { attributeOf, elementOf, elementsOf, parseXml, type XmlElement } from "../read-xml.js";
import { labelsOfCvat, nameOfCvatImage, parseCvatShapes } from "./cvat.js";
import { sizeOfCvatImage } from "./read-cvat.js";
import { cvatHolds, cvatWriter } from "./write-cvat.js";

const cvatFile: ToolFile = {
  ending: /\.xml$/i,
  begins: (head) => /<annotations[\s>]/.test(head) && /<(meta|version|image)[\s>]/.test(head),
  title: "XML of CVAT",
};

/**
 * CVAT for images 1.1: `annotations.xml` (or one of another name, several for parts), images in `images/` or
 * anywhere.
 */
export const cvatFormat: DatasetFormat = {
  name: "cvat",
  title: "CVAT for images 1.1: an XML with polygons, masks and boxes of all images",
  holds: cvatHolds,
  detect: (sight) => hasToolFile(sight, cvatFile),
  read,
  ...writesFolders(cvatWriter),
};

interface CvatEntry {
  readonly image: XmlElement;
  readonly where: string;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findToolFiles(path, cvatFile);
  const classes = createClassNumbers();
  const entries: CvatEntry[] = [];
  for (const file of files) {
    const root = elementOf(parseXml(await readTextFile(file, options.encoding), file), "annotations");
    for (const label of root ? labelsOfCvat(root) : []) classes.add(label);
    const tracks = elementsOf(root, "track").length;
    if (tracks > 0) options.onLoss?.("videoFrames", file, tracks);
    for (const [i, image] of elementsOf(root, "image").entries())
      entries.push({ image, where: `${file}: image ${attributeOf(image, "name") ?? i}` });
  }
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "cvat",
    categories: classes.categories,
    entries,
    signal: options.signal,
    nameOf: ({ where }) => where,
    async readRecord({ image: element, where }, id, takers) {
      const size = sizeOfCvatImage(element, where);
      const name = nameOfCvatImage(element);
      const image = await openToolImage({ id, name, size }, finder, where, takers);
      return { image, annotations: parseCvatShapes(element, image, classes.idOf, where, takers) };
    },
  });
}
