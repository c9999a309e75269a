import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, readBytes } from "../../files/files.js";
import { listFiles } from "../../files/folder-files.js";
import { findByStem } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import { stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { fromSemanticMap, parseClassTable, semanticHolds } from "./semantic.js";
import { semanticWriter, tableFile } from "./write-semantic.js";

/**
 * Semantic label maps: `images/…` and `annotations/….png` of the same names, whose pixels are numbers of
 * classes: 0 background, the highest (255, of 16 bits 65535) to ignore. `classes.csv` has their names and
 * colours.
 */
export const semanticFormat: DatasetFormat = {
  name: "semantic",
  title: "semantic label maps: images/, annotations/ PNGs of class numbers, classes.csv",
  holds: semanticHolds,
  detect: async (sight) => {
    if (sight.hasFile(tableFile))
      return sight.hasFolder("annotations") || `it has ${tableFile}, but no folder "annotations"`;
    return false;
  },
  read,
  ...writesFolders(semanticWriter),
};

async function read(path: string, { signal, images, encoding }: ReadOptions = {}): Promise<Dataset> {
  const table = join(path, tableFile);
  if (!(await isFile(table)))
    throw new DatasetError(
      "dataset-not-found",
      `"${table}" with the numbers and names of the classes is missing.`,
    );
  const classes = parseClassTable(await readTextFile(table, encoding), table).filter(
    ({ label }) => label > 0,
  );
  const entries = await listFiles(join(path, "annotations"), (name) => /\.png$/i.test(name));
  const imageFolder = images ?? join(path, "images");
  const finder = await findByStem(imageFolder);
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
      const found = finder.find(stemOf(name));
      return {
        image: {
          id,
          fileName: found?.name ?? name,
          width: map.width,
          height: map.height,
          ...(found && { open: found.open }),
        },
        ...fromSemanticMap(map, labels, file),
      };
    },
  });
}
