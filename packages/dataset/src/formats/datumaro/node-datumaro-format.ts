import { basename } from "node:path";
import type { Size } from "@segany/masks";
import { asList, asObject, type RawObject, readSize } from "../../json/fields.js";
import { stemOf } from "../../names/file-names.js";
import type { Dataset } from "../../record.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findToolFiles,
  findToolImages,
  hasToolFile,
  openToolImage,
  readToolJson,
  type ToolFile,
} from "../node-tool-dataset.js";
import { labelsOfDatumaro, parseDatumaroItem } from "./datumaro.js";

const datumaroFile: ToolFile = {
  ending: /\.json$/i,
  begins: (head) =>
    /^\s*\{/.test(head) &&
    /"dm_format_version"|"label_groups"|"categories"\s*:\s*\{\s*"label"\s*:/.test(head),
  title: "JSON of Datumaro",
};

/** Datumaro: `annotations/PART.json`, images in `images/PART/`. */
export const datumaroFormat: ReadableFormat = {
  name: "datumaro",
  title: "Datumaro: annotations/ with a JSON a part, images/",
  detect: (sight) => hasToolFile(sight, datumaroFile),
  read,
};

interface Entry {
  readonly item: RawObject;
  readonly labels: readonly string[];
  readonly part: string;
  readonly where: string;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findToolFiles(path, datumaroFile);
  const classes = createClassNumbers();
  const entries: Entry[] = [];
  for (const file of files) {
    const content = asObject(await readToolJson(file, options), file);
    const labels = labelsOfDatumaro(content, file);
    for (const label of labels) classes.add(label);
    for (const [i, item] of asList(content.items, `${file}: field "items"`).entries()) {
      const where = `${file}: item ${i + 1}`;
      entries.push({ item: asObject(item, where), labels, part: stemOf(basename(file)), where });
    }
  }
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "datumaro",
    categories: classes.categories,
    entries,
    signal: options.signal,
    nameOf: ({ where }) => where,
    async readRecord({ item, labels, part, where }, id, takers) {
      const about = (item.image ?? {}) as RawObject;
      const name = typeof about.path === "string" && about.path !== "" ? about.path : String(item.id ?? "");
      const toImage = { id, name, size: sizeOf(about, where), isStem: about.path !== name };
      const partName = `images/${part}/${name}`;
      const inPart = await finder.find(partName);
      const image = await openToolImage(
        inPart ? { ...toImage, name: partName } : toImage,
        finder,
        where,
        takers,
      );
      const idOf = (label: number) => (labels[label] === undefined ? undefined : classes.idOf(labels[label]));
      const annotations = asList(item.annotations ?? [], `${where}: field "annotations"`);
      return { image, annotations: parseDatumaroItem(annotations, image, idOf, where, takers) };
    },
  });
}

/** [height, width] */
function sizeOf({ size }: RawObject, where: string): Size | undefined {
  if (!Array.isArray(size)) return undefined;
  return readSize({ height: size[0], width: size[1] }, where);
}
