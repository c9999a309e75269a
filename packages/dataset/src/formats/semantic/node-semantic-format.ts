import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, isFolder, readBytes } from "../../files/files.js";
import { imagesByStem, listFiles } from "../../files/folder-files.js";
import { encodeLabelPng } from "../../masks/encode-label-png.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import { stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import { createClassList } from "../class-list.js";
import type { Feature } from "../features.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writePerImage } from "../node-write-per-image.js";
import {
  formatClassTable,
  fromSemanticMap,
  parseClassTable,
  planLabels,
  semanticClasses,
  semanticHolds,
  semanticLabel,
  toSemanticMap,
} from "./semantic.js";

const tableFile = "classes.csv";

/**
 * Semantic label maps: `images/…` and `annotations/….png` of the same names, whose pixels are numbers of classes: 0
 * background, the highest (255, of 16 bits 65535) to ignore. `classes.csv` has their names and colours.
 */
export const semanticFormat: DatasetFormat = {
  name: "semantic",
  title: "semantic label maps: images/, annotations/ PNGs of class numbers, classes.csv",
  holds: semanticHolds,
  detect: async (path) =>
    (await isFile(join(path, tableFile))) && (await isFolder(join(path, "annotations"))),
  read,
  write: writeSemantic,
};

async function read(path: string, { signal, images }: ReadOptions = {}): Promise<Dataset> {
  const table = join(path, tableFile);
  if (!(await isFile(table)))
    throw new DatasetError(
      "dataset-not-found",
      `"${table}" with the numbers and names of the classes is missing.`,
    );
  const classes = parseClassTable(Buffer.from(await readBytes(table)).toString("utf8"), table).filter(
    ({ label }) => label > 0,
  );
  const entries = await listFiles(join(path, "annotations"), (name) => /\.png$/i.test(name));
  const imageFolder = images ?? join(path, "images");
  const imageNames = await imagesByStem(imageFolder);
  const labels = new Set(classes.map(({ label }) => label));
  return perImageDataset({
    path,
    format: "semantic",
    categories: classes.map(({ label, name }) => ({ id: label, name })),
    entries,
    signal,
    nameOf: (name) => join(path, "annotations", name),
    async readRecord(name, id): Promise<DatasetRecord> {
      const file = join(path, "annotations", name);
      const map = decodeLabelPng(await readBytes(file), file);
      const imageName = imageNames.get(stemOf(name));
      const imageFile = imageName === undefined ? undefined : join(imageFolder, imageName);
      return {
        image: {
          id,
          fileName: imageName ?? name,
          width: map.width,
          height: map.height,
          ...(imageFile !== undefined && { open: () => readBytes(imageFile) }),
        },
        ...fromSemanticMap(map, labels, file),
      };
    },
  });
}

function writeSemantic(
  ...[dataset, path, options]: Parameters<DatasetFormat["write"]>
): ReturnType<DatasetFormat["write"]> {
  const { bits, keepIds } = planLabels(dataset.categories);
  const classes = createClassList(dataset.categories);
  const labelOf = (categoryId: number | undefined): number =>
    semanticLabel(classes.numberOf(categoryId), dataset.categories, keepIds);
  return writePerImage(
    dataset,
    path,
    {
      format: "semantic",
      holds: keepIds ? new Set<Feature>([...semanticHolds, "categoryIds"]) : semanticHolds,
      imageFolder: "images",
      *filesOf(record, stem, losses) {
        const map = toSemanticMap(record, labelOf, bits, losses);
        yield { name: `annotations/${stem}.png`, data: encodeLabelPng(map) };
      },
      closingFiles: () => [
        { name: tableFile, data: formatClassTable(semanticClasses(classes, dataset.categories, keepIds)) },
      ],
    },
    options,
  );
}
