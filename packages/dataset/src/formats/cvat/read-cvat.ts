/** XML of CVAT in memory. */
import type { Size } from "@segany/masks";
import { readSize } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import { parseEach } from "../../set-aside.js";
import { decodeText } from "../../text/decode-text.js";
import { categoriesOfNames } from "../class-list.js";
import { type FileSet, type FileSetOptions, imageOfFile, type SetFiles } from "../file-set.js";
import { attributeOf, elementOf, elementsOf, parseXml, type XmlElement } from "../read-xml.js";
import { labelsOfCvat, nameOfCvatImage, parseCvatShapes } from "./cvat.js";

/** The size that an `<image>` says; undefined where it says none. */
export function sizeOfCvatImage(image: XmlElement, where: string): Size | undefined {
  const [width, height] = ["width", "height"].map((name) => numberOfText(attributeOf(image, name)));
  return width === undefined || height === undefined ? undefined : readSize({ width, height }, where);
}

/**
 * Reads files of CVAT for images 1.1, each with the shapes of many images.
 *
 * @throws DatasetError whatever is wrong, where `onProblem` doesn't take it
 */
export function readCvatFiles(files: SetFiles, options: FileSetOptions): FileSet {
  const { encoding, onProblem, onLoss } = options;
  const xmls = [...files].filter(([path]) => /\.xml$/i.test(path));
  const roots = parseEach(
    xmls,
    (i) => xmls[i]![0],
    ([path, bytes]) => {
      const root = elementOf(parseXml(decodeText(bytes, path, encoding), path), "annotations");
      const tracks = elementsOf(root, "track").length;
      if (tracks > 0) onLoss?.("videoFrames", path, tracks);
      return { root, path };
    },
    onProblem,
  );
  const names = [...new Set(roots.flatMap(({ root }) => (root ? labelsOfCvat(root) : [])))];
  const categoryIds = new Map(names.map((name, i) => [name, i + 1]));
  const images = roots.flatMap(({ root, path }) =>
    elementsOf(root, "image").map((element, i) => ({ element, path, i })),
  );
  const records = parseEach(
    images,
    (at) => `${images[at]!.path}: image ${attributeOf(images[at]!.element, "name") ?? images[at]!.i}`,
    ({ element }, where, at) => {
      const inSet = nameOfCvatImage(element);
      const alone = attributeOf(element, "name") ?? "";
      const name = options.findImage(inSet) || !options.findImage(alone) ? inSet : alone;
      const image = imageOfFile({ id: at + 1, name, size: sizeOfCvatImage(element, where) }, options, where);
      const annotations = parseCvatShapes(element, image, (label) => categoryIds.get(label), where, options);
      return { image, annotations };
    },
    onProblem,
  );
  return { categories: categoriesOfNames(names), records, unknownImages: [] };
}
