import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, readBytes } from "../../files/files.js";
import { listFiles } from "../../files/folder-files.js";
import { createImageFinder } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import { cityClassNames, firstCityObject } from "../city-classes.js";
import { isBackground, parseColourTable } from "../colour-table.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { masksOfInstances, type NumberMeaning } from "../instance-map.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { createClassNumbers } from "../node-tool-dataset.js";

/**
 * Cityscapes: `gtFine/PART/CITY/…_gtFine_instanceIds.png` (or `…_labelIds.png`), images in `leftImg8bit/`.
 * Classes are its own, unless `label_colors.txt` lists others.
 */
export const cityscapesFormat: ReadableFormat = {
  name: "cityscapes",
  title: "Cityscapes: gtFine/ or gtCoarse/ with instanceIds and labelIds PNGs, leftImg8bit/",
  detect: async (sight) =>
    sight.find(idsPattern) !== undefined ||
    (sight.hasFolder("gtFine") || sight.hasFolder("gtCoarse")
      ? "it has gtFine or gtCoarse, but no file …_instanceIds.png or …_labelIds.png in it"
      : false),
  read,
};

const idsPattern = /_gt(Fine|Coarse)_(instanceIds|labelIds)\.png$/;

async function read(path: string, { signal, images, encoding }: ReadOptions = {}): Promise<Dataset> {
  const files = await listFiles(path, (name) => idsPattern.test(name));
  if (files.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no file …_gtFine_instanceIds.png or …_labelIds.png in "${path}".`,
    );
  const entries = [...new Set(files.map((name) => name.replace(/_(instanceIds|labelIds)\.png$/, "")))];
  const table = join(path, "label_colors.txt");
  const classes = createClassNumbers();
  let meaning: (isInstance: boolean) => NumberMeaning;
  if (await isFile(table)) {
    const listed = parseColourTable(await readTextFile(table, encoding), table).map(({ name }) => name);
    const names = isBackground(listed[0]!) ? listed : ["background", ...listed];
    for (const name of names.slice(1)) classes.add(name);
    meaning = meaningOf(names, 1, classes.idOf);
  } else {
    for (const name of cityClassNames.slice(firstCityObject)) classes.add(name);
    meaning = meaningOf(cityClassNames, firstCityObject, classes.idOf);
  }
  const finder = createImageFinder([images ?? join(path, "leftImg8bit")], { anyFolder: true });
  return perImageDataset({
    path,
    format: "cityscapes",
    categories: classes.categories,
    entries,
    signal,
    nameOf: (entry) => join(path, entry),
    async readRecord(entry, id): Promise<DatasetRecord> {
      const instances = join(path, `${entry}_instanceIds.png`);
      const isInstance = await isFile(instances);
      const file = isInstance ? instances : join(path, `${entry}_labelIds.png`);
      const map = decodeLabelPng(await readBytes(file), file);
      const name = entry
        .replace(/^.*?gt(Fine|Coarse)\//, "")
        .replace(/_gt(Fine|Coarse)$/, "_leftImg8bit.png");
      const found = await finder.find(name);
      const { width, height } = map;
      return {
        image: { id, fileName: name, width, height, ...(found && { open: found.open }) },
        annotations: masksOfInstances(map, meaning(isInstance)),
      };
    },
  });
}

/**
 * In instance maps, numbers from 1000 are 1000 times the class and the object; below, a region of the class.
 */
function meaningOf(
  names: readonly string[],
  first: number,
  idOf: (name: string) => number | undefined,
): (isInstance: boolean) => NumberMeaning {
  return (isInstance) => (number) => {
    const isObject = isInstance && number >= 1000;
    const label = isObject ? Math.floor(number / 1000) : number;
    const name = names[label];
    return label < first || name === undefined ? undefined : { categoryId: idOf(name)!, isObject };
  };
}
