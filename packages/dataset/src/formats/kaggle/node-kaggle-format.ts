import { dirname } from "node:path";
import { isImageName } from "../../names/file-names.js";
import type { Dataset } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { newAnnotation } from "../new-annotation.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findToolFiles,
  findToolImages,
  hasToolFile,
  openToolImage,
  readImageRows,
  type ToolFile,
} from "../node-tool-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { isEmptyMask, isKaggleHeader, maskOfPixels, parseKaggleTable } from "./kaggle.js";
import { kaggleHolds, kaggleWriter } from "./write-kaggle.js";

const maskTable: ToolFile = {
  ending: /\.csv$/i,
  begins: (head) => isKaggleHeader(head.split(/\r?\n/, 1)[0]!),
  title: "CSV with the columns ImageId and EncodedPixels",
  nearly: (head) =>
    `has the columns ${JSON.stringify(head.split(/\r?\n/, 1)[0]!.slice(0, 80))}, not ImageId and EncodedPixels`,
};

/**
 * Tables of masks as in Kaggle's competitions: ImageId, EncodedPixels, perhaps ClassId; the images anywhere
 * beside.
 */
export const kaggleFormat: DatasetFormat = {
  name: "kaggle",
  title: "Kaggle: a CSV with ImageId and EncodedPixels (run lengths by columns, from 1)",
  holds: kaggleHolds,
  detect: (sight) => hasToolFile(sight, maskTable),
  read,
  ...writesFolders(kaggleWriter),
};

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findToolFiles(path, maskTable);
  const entries = await readImageRows(files, options, parseKaggleTable);
  const names = entries.flatMap(({ rows }) => rows.flatMap(({ row }) => row.className ?? []));
  const classes = createClassNumbers([...new Set(names)].sort());
  const finder = await findToolImages(
    files.length === 1 && files[0] === path ? dirname(path) : path,
    options,
  );
  return perImageDataset({
    path,
    format: "kaggle",
    categories: classes.categories,
    entries,
    signal: options.signal,
    nameOf: ({ imageId }) => `${path}: ${imageId}`,
    async readRecord({ imageId, rows }, id, takers) {
      const isStem = !isImageName(imageId);
      const { size } = rows[0]!.row;
      const image = await openToolImage({ id, name: imageId, size, isStem }, finder, rows[0]!.where, takers);
      const withMask = rows.filter(({ row }) => !isEmptyMask(row.pixels));
      const annotations = parseEach(
        withMask,
        (i) => withMask[i]!.where,
        ({ row }, where, i) => {
          const categoryId = row.className === undefined ? undefined : classes.idOf(row.className);
          const fields = categoryId === undefined ? {} : { categoryId };
          return newAnnotation(i + 1, maskOfPixels(row.pixels, image, where), fields);
        },
        takers.onProblem,
      );
      return { image, annotations };
    },
  });
}
