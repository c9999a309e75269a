import { dirname, join } from "node:path";
import { listFiles } from "../../files/folder-files.js";
import { readTextFile } from "../../files/read-text.js";
import { lookAt } from "../../files/sight.js";
import type { Dataset } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findByHead,
  findToolImages,
  noSuchFile,
  openToolImage,
} from "../node-tool-dataset.js";
import { type OpenImagesRow, parseBoxTable, parseDescriptions, toBox } from "./open-images.js";

/** Open Images: `…-annotations-bbox.csv`, `class-descriptions….csv`, images anywhere beside. */
export const openImagesFormat: ReadableFormat = {
  name: "openimages",
  title: "Open Images: PART-annotations-bbox.csv with boxes, class-descriptions.csv",
  detect: async (sight) => (await findByHead(sight, /\.csv$/i, isBoxTable)).length > 0,
  read,
};

function isBoxTable(head: string): boolean {
  return /^ImageID,Source,LabelName,Confidence,XMin,/.test(head);
}

interface Entry {
  readonly imageId: string;
  readonly rows: { readonly row: OpenImagesRow; readonly where: string }[];
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findByHead(await lookAt(path), /\.csv$/i, isBoxTable);
  if (files.length === 0) throw noSuchFile(path, "table …-annotations-bbox.csv");
  const entries = new Map<string, Entry>();
  for (const file of files) {
    for (const [i, row] of parseBoxTable(await readTextFile(file, options.encoding), file).entries()) {
      const entry = entries.get(row.imageId) ?? { imageId: row.imageId, rows: [] };
      entries.set(row.imageId, entry);
      entry.rows.push({ row, where: `${file}, line ${i + 2}` });
    }
  }
  const names = await readNames(dirname(files[0]!), options.encoding);
  const used = [...entries.values()].flatMap(({ rows }) => rows.map(({ row }) => row.label));
  const nameOf = (label: string): string => names.get(label) ?? label;
  const classes = createClassNumbers([...new Set(used.map(nameOf))].sort());
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "openimages",
    categories: classes.categories,
    entries: [...entries.values()],
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
