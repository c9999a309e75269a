import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, readBytes } from "../../files/files.js";
import { listFiles } from "../../files/folder-files.js";
import { createImageFinder } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { decodeMaskPng } from "../../masks/node-decode-label-png.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import { coloursOfTable, isBackground, labelsOfPixels, parseColourTable } from "../colour-table.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { masksOfInstances } from "../instance-map.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { createClassNumbers } from "../node-tool-dataset.js";

const tableFiles = ["label_colors.txt", "class_dict.csv"];

/**
 * CamVid and sets like it: a table of classes and colours, and PNGs in these colours (or of the classes'
 * numbers) in folders called after those of the images, `trainannot/` for `train/` or `train_labels/` for
 * `train/`. A region a class.
 */
export const camvidFormat: ReadableFormat = {
  name: "camvid",
  title:
    "CamVid: label_colors.txt or class_dict.csv, PNGs of colours in trainannot/ or train_labels/, images in train/",
  detect: async (sight) => detect(sight),
  read,
};

const mapPattern = /^(.*?)(annot|_labels?)\/(.*)\.png$/i;

function detect(sight: Sight): boolean | string {
  if (!tableFiles.some((name) => sight.hasFile(name))) return false;
  return (
    sight.find(mapPattern) !== undefined ||
    "it has a table of colours, but no PNG in a folder such as trainannot or train_labels"
  );
}

async function read(path: string, { signal, images, encoding }: ReadOptions = {}): Promise<Dataset> {
  const tables = [];
  for (const name of tableFiles) if (await isFile(join(path, name))) tables.push(join(path, name));
  const [table] = tables;
  const entries = await listFiles(path, (name) => mapPattern.test(name));
  if (table === undefined || entries.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `"${path}" needs ${tableFiles.join(" or ")}, and PNGs in a folder such as trainannot or train_labels.`,
    );
  const listed = parseColourTable(await readTextFile(table, encoding), table);
  const hasColours = listed.some(({ colour }) => colour !== undefined);
  // Without colours the table's classes have those of VOC's palette from 1 on, and black is no class.
  const first = hasColours || isBackground(listed[0]!.name) ? 0 : 1;
  const colours = coloursOfTable(listed, first);
  const isNone = (name: string): boolean => isBackground(name) || /^void$/i.test(name);
  const classes = createClassNumbers(listed.map(({ name }) => name).filter((name) => !isNone(name)));
  const finder = createImageFinder(images === undefined ? [path] : [images], {
    anyFolder: images !== undefined,
  });
  return perImageDataset({
    path,
    format: "camvid",
    categories: classes.categories,
    entries,
    signal,
    nameOf: (entry) => join(path, entry),
    async readRecord(entry, id): Promise<DatasetRecord> {
      const file = join(path, entry);
      const map = labelsOfPixels(decodeMaskPng(await readBytes(file), file), colours, file);
      const { name, found } = await findImage(entry);
      const annotations = masksOfInstances(map, (number) => {
        const label = listed[number - first];
        const categoryId = label && classes.idOf(label.name);
        return categoryId === undefined ? undefined : { categoryId, isObject: true };
      });
      const { width, height } = map;
      return {
        image: { id, fileName: found?.name ?? name, width, height, ...(found && { open: found.open }) },
        annotations,
      };
    },
  });

  /** `train/x.png` of `trainannot/x.png`; CamVid's own maps end with `_L`. */
  async function findImage(entry: string) {
    const [, part = "", , stem = ""] = mapPattern.exec(entry)!;
    const name = `${part}/${stem}.png`;
    for (const candidate of [stem, stem.replace(/_L$/, "")]) {
      for (const ending of ["png", "jpg", "jpeg", "PNG", "JPG"]) {
        const found = await finder.find(`${part}/${candidate}.${ending}`);
        if (found) return { name, found };
      }
    }
    return { name, found: undefined };
  }
}
