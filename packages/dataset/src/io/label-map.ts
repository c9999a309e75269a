import { join } from "node:path";
import { DatasetError } from "../errors.js";
import { stemOf } from "../formats/file-names.js";
import type { DatasetFormat, ReadOptions } from "../formats/format.js";
import { fromLabelMap, labelMapHolds, toLabelMap } from "../formats/label-map-format.js";
import type { Dataset, DatasetRecord } from "../record.js";
import { readBytes } from "./files.js";
import { findFile, imagesByStem, listFiles } from "./folder-files.js";
import { decodeLabelPng, encodeLabelPng } from "./label-png.js";
import { perImageDataset } from "./per-image-dataset.js";
import { writePerImage } from "./write-per-image.js";

/**
 * Label maps: `images/…` and `masks/….png` of the same names, whose pixels are numbers of masks, 0 of none. Grey of 8
 * bits, or of 16 where an image has more than 255 masks.
 */
export const labelMapFormat: DatasetFormat = {
  name: "labelmap",
  title: "label maps: images/, masks/ PNGs of mask numbers, 8 or 16 bits",
  holds: labelMapHolds,
  detect: async (path) => (await findFile(join(path, "masks"), isPng)) !== undefined,
  read,
  write: writeLabelMaps,
};

function isPng(name: string): boolean {
  return /\.png$/i.test(name);
}

async function listMaps(path: string): Promise<string[]> {
  return listFiles(join(path, "masks"), isPng);
}

async function read(path: string, { signal, images }: ReadOptions = {}): Promise<Dataset> {
  const entries = await listMaps(path);
  if (entries.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no PNG in "${join(path, "masks")}", so there are no masks to read.`,
    );
  const imageFolder = images ?? join(path, "images");
  const imageNames = await imagesByStem(imageFolder);
  return perImageDataset({
    path,
    format: "labelmap",
    categories: [],
    entries,
    signal,
    nameOf: (name) => join(path, "masks", name),
    async readRecord(name, id): Promise<DatasetRecord> {
      const file = join(path, "masks", name);
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
        annotations: fromLabelMap(map),
      };
    },
  });
}

function writeLabelMaps(
  ...[dataset, path, options]: Parameters<DatasetFormat["write"]>
): ReturnType<DatasetFormat["write"]> {
  return writePerImage(
    dataset,
    path,
    {
      format: "labelmap",
      holds: labelMapHolds,
      imageFolder: "images",
      *filesOf(record, stem, losses) {
        yield { name: `masks/${stem}.png`, data: encodeLabelPng(toLabelMap(record, losses), "grey") };
      },
    },
    options,
  );
}
