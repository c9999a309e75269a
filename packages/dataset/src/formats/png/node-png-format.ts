import { join, posix } from "node:path";
import { encodeRle, type Size } from "@segany/masks";
import { encodeMaskPng } from "@segany/sam/images";
import { DatasetError, throwIfAborted } from "../../errors.js";
import { isFolder, readBytes } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { findByStem } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import { maskOfLabels } from "../../masks/label-map.js";
import { decodeLabelPng } from "../../masks/node-decode-label-png.js";
import type { Annotation, Category, Dataset, DatasetRecord, ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { type PngRow, parsePngTable, toPngAnnotation } from "./parse-png-table.js";
import { pngHolds, tableFile } from "./png-table.js";
import { createPngWriter } from "./write-png.js";

const pngWriter = createPngWriter(encodeMaskPng);

/**
 * One PNG a mask: `images/x.jpg` and `masks/x/0.png`, `1.png`, … with `masks/x/metadata.csv`. Folders as
 * `segany segment --format png` and Meta's `amg.py` write them, without `masks`, are read too.
 */
export const pngFormat: DatasetFormat = {
  name: "png",
  title: "PNG masks: masks/IMAGE/ with a PNG a mask and metadata.csv, images/",
  holds: pngHolds,
  detect: async (sight) => sight.files.some(isTable),
  read,
  ...writesFolders(pngWriter),
};

function isTable(name: string): boolean {
  return name.endsWith(`/${tableFile}`);
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, images, encoding } = options;
  const masks = (await isFolder(join(path, "masks"))) ? join(path, "masks") : path;
  const folders = (await listFiles(masks, isTable)).map((name) => posix.dirname(name));
  if (folders.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no folder with a ${tableFile} in "${masks}", so there are no masks to read.`,
    );
  const categories = await collectCategories(masks, folders, options);
  const categoryIds = new Map(categories.map(({ id, name }) => [name, id]));
  const imageFolder = images ?? join(path, "images");
  const finder = await findByStem(imageFolder);
  return perImageDataset({
    path,
    format: "png",
    categories,
    entries: folders,
    signal,
    nameOf: (folder) => join(masks, folder),
    async readRecord(folder, id, takers): Promise<DatasetRecord> {
      const found = finder.find(folder);
      const masksOfImage = await readMasks(join(masks, folder), categoryIds, encoding, takers);
      const size = masksOfImage.size ?? (found && (await imageSizeOf(found.path)));
      if (!size)
        throw new DatasetError(
          "image-missing",
          `"${join(masks, folder)}" has no mask and no image in "${imageFolder}", so its size is unknown.`,
        );
      return {
        image: {
          id,
          fileName: found?.name ?? `${folder}.jpg`,
          ...size,
          ...(found && { open: found.open }),
        },
        annotations: masksOfImage.annotations,
      };
    },
  });
}

/** One pass over all tables, since a data set names its classes before its first image. */
async function collectCategories(
  masks: string,
  folders: readonly string[],
  { signal, onProblem, encoding }: ReadOptions,
): Promise<Category[]> {
  const names = new Set<string>();
  for (const folder of folders) {
    throwIfAborted(signal);
    const table = await readTable(join(masks, folder), encoding).catch((error: unknown) =>
      setAside(error, join(masks, folder), onProblem),
    );
    for (const row of table?.values() ?? []) if (row.category) names.add(row.category);
  }
  return [...names].sort().map((name, i) => ({ id: i + 1, name }));
}

async function readTable(folder: string, encoding: string | undefined): Promise<Map<string, PngRow>> {
  const file = join(folder, tableFile);
  return parsePngTable(await readTextFile(file, encoding), file);
}

interface Masks {
  /** Absent without a mask. */
  readonly size?: Size;
  readonly annotations: Annotation[];
}

async function readMasks(
  folder: string,
  categoryIds: ReadonlyMap<string, number>,
  encoding: string | undefined,
  { onProblem }: ReadTakers,
): Promise<Masks> {
  const rows = await readTable(folder, encoding);
  const names = await listFiles(folder, (name) => /^\d+\.png$/.test(name));
  const numbers = names.map((name) => name.slice(0, -4)).sort((a, b) => Number(a) - Number(b));
  let size: Masks["size"];
  const annotations: Annotation[] = [];
  for (const number of numbers) {
    const file = join(folder, `${number}.png`);
    try {
      const mask = maskOfLabels(decodeLabelPng(await readBytes(file), file));
      checkSameSize(mask, size, file);
      const id = annotations.length + 1;
      annotations.push(toPngAnnotation(encodeRle(mask), rows.get(number), id, categoryIds, file));
      size = { width: mask.width, height: mask.height };
    } catch (error) {
      setAside(error, file, onProblem);
    }
  }
  return { ...(size && { size }), annotations };
}

function checkSameSize({ width, height }: Size, size: Size | undefined, file: string): void {
  if (!size || (size.width === width && size.height === height)) return;
  throw new DatasetError(
    "annotation-invalid",
    `"${file}" is ${width} x ${height} pixels, but the masks before it are ${size.width} x ${size.height}.`,
  );
}
