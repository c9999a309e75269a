/** Files of Pascal VOC in memory. */
import { readSize } from "../../json/fields.js";
import type { MaskPixels } from "../../masks/mask-pixels.js";
import { stemOf } from "../../names/file-names.js";
import type { DatasetRecord } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { decodeText } from "../../text/decode-text.js";
import { categoriesOfNames } from "../class-list.js";
import { labelsOfPixels, objectsOfPixels } from "../colour-table.js";
import {
  baseName,
  type FileSet,
  type FileSetOptions,
  findText,
  imageOfFile,
  type SetFiles,
} from "../file-set.js";
import { toVocBoxes, toVocMasks } from "./voc.js";
import { type VocClassTable, vocClassTable } from "./voc-classes.js";
import { parseVocXml, type VocFile } from "./voc-xml.js";
import { classNamesFile, labelMapFile } from "./write-voc.js";

/** Settings of `readVocFiles`. */
export interface VocFilesOptions extends FileSetOptions {
  /** Decodes a map. @param where what to call it in an error message */
  readonly decodePng: (bytes: Uint8Array, where: string) => MaskPixels;
}

/** What is there of an image, by the part of the names without an extension. */
interface VocParts {
  file?: VocFile;
  classMap?: readonly [path: string, bytes: Uint8Array];
  objectMap?: readonly [path: string, bytes: Uint8Array];
}

/**
 * Reads XML files, and the PNGs of `SegmentationClass` and `SegmentationObject` that are called like them.
 * Without these there are boxes alone.
 *
 * @throws DatasetError whatever is wrong, where `onProblem` doesn't take it
 */
export function readVocFiles(files: SetFiles, options: VocFilesOptions): FileSet {
  const { encoding, onProblem } = options;
  const images = partsOf(files, options);
  const hasMaps = [...images.values()].some(({ classMap }) => classMap);
  const table = vocClassTable(
    {
      table: findText(files, [labelMapFile], encoding),
      list: findText(files, [classNamesFile], encoding)?.text,
    },
    hasMaps,
  );
  const used = [...images.values()].flatMap(
    ({ file }) => file?.objects.flatMap((each) => each?.name ?? []) ?? [],
  );
  const names = [...new Set([...table.names, ...[...new Set(used)].sort()])];
  const stems = [...images.keys()].sort();
  const records = parseEach(
    stems,
    (i) => stems[i]!,
    (stem, where, i) =>
      readImage(images.get(stem)!, { id: i + 1, stem, where }, { ...table, names }, options),
    onProblem,
  );
  return { categories: categoriesOfNames(names), records, unknownImages: [] };
}

function partsOf(files: SetFiles, { encoding, ...takers }: VocFilesOptions): Map<string, VocParts> {
  const images = new Map<string, VocParts>();
  const paths = [...files.keys()];
  parseEach(
    files,
    (i) => paths[i]!,
    (entry) => {
      const [path, bytes] = entry;
      const stem = stemOf(baseName(path));
      const parts = images.get(stem) ?? {};
      if (/\.xml$/i.test(path)) parts.file = parseVocXml(decodeText(bytes, path, encoding), path, takers);
      else if (/(^|\/)SegmentationClass\/[^/]*\.png$/i.test(path)) parts.classMap = entry;
      else if (/(^|\/)SegmentationObject\/[^/]*\.png$/i.test(path)) parts.objectMap = entry;
      else return;
      images.set(stem, parts);
    },
    takers.onProblem,
  );
  return images;
}

function readImage(
  { file = { objects: [] }, classMap, objectMap }: VocParts,
  { id, stem, where }: { readonly id: number; readonly stem: string; readonly where: string },
  { names, colours }: VocClassTable,
  options: VocFilesOptions,
): DatasetRecord {
  const name = file.fileName ?? options.findImage(stem)?.fileName ?? `${stem}.jpg`;
  if (!classMap) {
    const size = file.size && readSize(file.size, where);
    const image = imageOfFile({ id, name, size }, options, where);
    return { image, annotations: toVocBoxes(file.objects, names, where, options) };
  }
  const decode = ([path, bytes]: readonly [string, Uint8Array]) => options.decodePng(bytes, path);
  const classes = labelsOfPixels(decode(classMap), colours, classMap[0]);
  const objects = objectMap && objectsOfPixels(decode(objectMap));
  const image = imageOfFile({ id, name, size: classes }, options, where);
  return { image, ...toVocMasks(classes, objects, file.objects, names, where, options) };
}
