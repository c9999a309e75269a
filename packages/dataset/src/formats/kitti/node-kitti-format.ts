import { join } from "node:path";
import { throwIfAborted } from "../../errors.js";
import { isFile, readBytes, readImageBytes } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord, ReadTakers } from "../../record.js";
import { linesOf } from "../../text/decode-text.js";
import { cityClassNames, firstCityObject } from "../city-classes.js";
import { parseColourTable } from "../colour-table.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { masksOfInstances, type NumberMeaning } from "../instance-map.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { type ClassNumbers, createClassNumbers } from "../node-tool-dataset.js";
import { classOfLine, parseKittiLines } from "./kitti.js";

const tableFile = "label_colors.txt";

/**
 * KITTI: `image_2/` with `label_2/….txt` (boxes), or with `instance/` (16 bits: 256 times the class, and the
 * object) or `semantic/` PNGs; in the set itself or in folders of parts. Classes of PNGs are Cityscapes',
 * unless `label_colors.txt` lists others.
 */
export const kittiFormat: ReadableFormat = {
  name: "kitti",
  title: "KITTI: image_2/ with label_2/ (boxes), or with instance/ or semantic/ PNGs",
  detect: async (sight) => detect(sight),
  read,
};

function detect(sight: Sight): boolean | string {
  const hasImages = sight.folders.some((name) => /(^|\/)image_2$/.test(name));
  if (!hasImages) return false;
  const hasLabels = sight.folders.some((name) => /(^|\/)(label_2|instance|semantic)$/.test(name));
  return hasLabels || "it has image_2, but neither label_2 nor instance or semantic beside it";
}

interface Entry {
  /** "" or "train/" */
  readonly part: string;
  /** Relative to image_2. */
  readonly name: string;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, encoding, images } = options;
  const files = await listFiles(path, (name) => isImageName(name) && /(^|\/)image_2\//.test(name));
  const entries = files.map((file): Entry => {
    const [, part = "", name = ""] = /^(.*?)image_2\/(.*)$/.exec(file)!;
    return { part, name };
  });
  const classes = createClassNumbers();
  const meaning = (await hasMaps(path, entries)) ? await readMeaning(path, encoding, classes) : undefined;
  if (!meaning) await collectClasses(path, entries, classes, options);
  return perImageDataset({
    path,
    format: "kitti",
    categories: classes.categories,
    entries,
    signal,
    nameOf: ({ part, name }) => join(path, part, "image_2", name),
    async readRecord({ part, name }, id, takers): Promise<DatasetRecord> {
      const file = images === undefined ? join(path, part, "image_2", name) : join(images, name);
      const image = {
        id,
        fileName: `${part}${name}`,
        open: (headBytes?: number) => readImageBytes(file, headBytes),
      };
      if (meaning) return readMaps(join(path, part), stemOf(name), image, meaning);
      return readBoxes(
        join(path, part, "label_2", `${stemOf(name)}.txt`),
        { ...image, ...(await imageSizeOf(file)) },
        classes,
        encoding,
        takers,
      );
    },
  });
}

async function hasMaps(path: string, [first]: readonly Entry[]): Promise<boolean> {
  if (!first) return false;
  const stem = stemOf(first.name);
  for (const folder of ["instance", "semantic"])
    if (await isFile(join(path, first.part, folder, `${stem}.png`))) return true;
  return false;
}

/** How numbers of an instance map (true) or a semantic one are read. */
type Meaning = (isInstance: boolean) => NumberMeaning;

async function readMeaning(
  path: string,
  encoding: string | undefined,
  classes: ClassNumbers,
): Promise<Meaning> {
  const table = join(path, tableFile);
  const isListed = await isFile(table);
  const names = isListed
    ? parseColourTable(await readTextFile(table, encoding), table).map(({ name }) => name)
    : cityClassNames;
  const first = isListed ? 0 : firstCityObject;
  for (const name of names.slice(first)) classes.add(name);
  return (isInstance) => (number) => {
    const label = isInstance ? number >> 8 : number;
    const name = names[label];
    if (number === 0 || label < first || name === undefined) return undefined;
    return { categoryId: classes.idOf(name)!, isObject: isInstance && (number & 255) !== 0 };
  };
}

async function readMaps(
  folder: string,
  stem: string,
  image: Omit<DatasetRecord["image"], "width" | "height">,
  meaning: Meaning,
): Promise<DatasetRecord> {
  const instance = join(folder, "instance", `${stem}.png`);
  const isInstance = await isFile(instance);
  const file = isInstance ? instance : join(folder, "semantic", `${stem}.png`);
  const map = decodeLabelPng(await readBytes(file), file);
  const { width, height } = map;
  return { image: { ...image, width, height }, annotations: masksOfInstances(map, meaning(isInstance)) };
}

async function collectClasses(
  path: string,
  entries: readonly Entry[],
  classes: ClassNumbers,
  { signal, encoding }: ReadOptions,
): Promise<void> {
  const names = new Set<string>();
  for (const { part, name } of entries) {
    throwIfAborted(signal);
    const file = join(path, part, "label_2", `${stemOf(name)}.txt`);
    if (!(await isFile(file))) continue;
    for (const line of linesOf(await readTextFile(file, encoding))) {
      const found = classOfLine(line);
      if (found !== undefined) names.add(found);
    }
  }
  for (const name of [...names].sort()) classes.add(name);
}

async function readBoxes(
  file: string,
  image: DatasetRecord["image"],
  classes: ClassNumbers,
  encoding: string | undefined,
  takers: ReadTakers,
): Promise<DatasetRecord> {
  const text = (await isFile(file)) ? await readTextFile(file, encoding) : "";
  return { image, ...parseKittiLines(text, image, classes.idOf, file, takers) };
}
