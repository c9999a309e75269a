/** JSON files of LabelMe in memory. */
import { DatasetError } from "../../errors.js";
import { asObject, readSize, readText } from "../../json/fields.js";
import { parseJson } from "../../json/parse-json.js";
import type { LabelMap } from "../../masks/label-map.js";
import { parseEach } from "../../set-aside.js";
import { linesOf } from "../../text/decode-text.js";
import { categoriesOfNames } from "../class-list.js";
import {
  baseName,
  type FileSet,
  type FileSetOptions,
  findText,
  imageOfFile,
  type SetFiles,
} from "../file-set.js";
import { labelsOf, parseLabelmeShapes } from "./labelme.js";
import { labelsFile } from "./write-labelme.js";

/** Settings of `readLabelmeFiles`. */
export interface LabelmeFilesOptions extends FileSetOptions {
  /** Decodes the PNG of a mask. @param where what to call it in an error message */
  readonly decodePng: (bytes: Uint8Array, where: string) => LabelMap;
}

/** The classes of a set: those of its list first, then those that shapes have. */
export function classNamesOf(list: string, labels: Iterable<string>): string[] {
  const listed = linesOf(list).filter((line) => !/^_.*_$/.test(line));
  return [...new Set([...listed, ...[...new Set(labels)].sort()])];
}

/**
 * Reads the files of a set, one an image; of their names the last part counts. `labels.txt` gives the order
 * of the classes.
 *
 * @throws DatasetError whatever is wrong, where `onProblem` doesn't take it
 */
export function readLabelmeFiles(files: SetFiles, options: LabelmeFilesOptions): FileSet {
  const { encoding, onProblem, decodePng } = options;
  const jsons = [...files].filter(([path]) => /\.json$/i.test(path));
  const parsed = parseEach(
    jsons,
    (i) => jsons[i]![0],
    ([path, bytes]) => {
      const raw = asObject(parseJson(bytes, path, encoding), path);
      return { raw, path, labels: labelsOf(raw, path) };
    },
    onProblem,
  );
  const list = findText(files, [labelsFile], encoding)?.text ?? "";
  const names = classNamesOf(
    list,
    parsed.flatMap(({ labels }) => labels),
  );
  const categoryIds = new Map(names.map((name, i) => [name, i + 1]));
  const pngs = {
    decode: (base64: string, where: string) => decodePng(bytesOf(base64, where), where),
    encode: () => "",
  };
  const records = parseEach(
    parsed,
    (i) => parsed[i]!.path,
    ({ raw }, where, i) => {
      const name = baseName(readText(raw, "imagePath", where).replaceAll("\\", "/"));
      const { imageWidth: width, imageHeight: height } = raw;
      const size = width == null ? undefined : readSize({ width, height }, where);
      const image = imageOfFile({ id: i + 1, name, size }, options, where);
      return { image, annotations: parseLabelmeShapes(raw, image, categoryIds, pngs, where, options) };
    },
    onProblem,
  );
  return { categories: categoriesOfNames(names), records, unknownImages: [] };
}

function bytesOf(base64: string, where: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new DatasetError("annotation-invalid", `${where}: its mask is no base64.`, { cause });
  }
}
