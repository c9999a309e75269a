import { dirname, join } from "node:path";
import { listFiles } from "../../files/folder-files.js";
import { readTextFile } from "../../files/read-text.js";
import type { Dataset } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
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
import { parseBoxTable, parseDescriptions, toBox } from "./open-images.js";

const boxTable: ToolFile = {
  ending: /\.csv$/i,
  begins: (head) => /^ImageID,Source,LabelName,Confidence,XMin,/.test(head),
  title: "table …-annotations-bbox.csv",
};

/** Open Images: `…-annotations-bbox.csv`, `class-descriptions….csv`, images anywhere beside. */
export const openImagesFormat: ReadableFormat = {
  name: "openimages",
  title: "Open Images: PART-annotations-bbox.csv with boxes, class-descriptions.csv",
  detect: (sight) => hasToolFile(sight, boxTable),
  read,
};

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findToolFiles(path, boxTable);
  const entries = await readImageRows(files, options, parseBoxTable);
  const names = await readNames(dirname(files[0]!), options.encoding);
  const used = entries.flatMap(({ rows }) => rows.map(({ row }) => row.label));
  const nameOf = (label: string): string => names.get(label) ?? label;
  const classes = createClassNumbers([...new Set(used.map(nameOf))].sort());
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "openimages",
    categories: classes.categories,
    entries,
    signal: options.signal,
    nameOf: ({ imageId }) => `${path}: ${imageId}`,
    async readRecord({ imageId, rows }, id, takers) {
      const image = await openToolImage({ id, name: imageId, isStem: true }, finder, rows[0]!.where, takers);
      const annotations = parseEach(
        rows,
        (i) => rows[i]!.where,
        ({ row }, where, i) => toBox(row, i + 1, classes.idOf(nameOf(row.label)), image, where),
        takers.onProblem,
      );
      return { image, annotations };
    },
  });
}

async function readNames(folder: string, encoding: string | undefined): Promise<ReadonlyMap<string, string>> {
  const [file] = await listFiles(folder, (name) => /(^|[-_])class-descriptions[^/]*\.csv$/i.test(name));
  if (file === undefined) return new Map();
  return parseDescriptions(await readTextFile(join(folder, file), encoding), join(folder, file));
}
