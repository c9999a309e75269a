import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { listFiles } from "../../files/folder-files.js";
import { findByStem } from "../../files/image-finder.js";
import { encodeLabelPng } from "../../masks/encode-label-png.js";
import { stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { interpretMask } from "../interpret-mask.js";
import { newAnnotation } from "../new-annotation.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { maskImageName, readMaskImage } from "../node-read-mask-image.js";
import { writesFolders } from "../node-write-folder.js";
import { labelMapHolds } from "./label-map-format.js";
import { createLabelMapWriter } from "./write-label-map.js";

const labelMapWriter = createLabelMapWriter((map) => encodeLabelPng(map, "grey"));

/**
 * Label maps: `images/…` and `masks/….png` of the same names, whose pixels are numbers of masks, 0 of none.
 * Grey of 8 bits, or of 16 where an image has more than 255 masks. Of other tools, also a mask of black and
 * white (as JPEG, too), and a colour a mask (`interpretMask`).
 */
export const labelMapFormat: DatasetFormat = {
  name: "labelmap",
  title: "label maps: images/, masks/ PNGs of mask numbers, 8 or 16 bits",
  holds: labelMapHolds,
  detect: async (sight) =>
    sight.find(/^masks\/.*\.(png|jpe?g)$/i) !== undefined ||
    (sight.hasFolder("masks") ? "it has a folder masks, but no PNG or JPEG in it" : false),
  read,
  ...writesFolders(labelMapWriter),
};

async function listMaps(path: string): Promise<string[]> {
  return listFiles(join(path, "masks"), (name) => maskImageName.test(name));
}

async function read(path: string, { signal, images }: ReadOptions = {}): Promise<Dataset> {
  const entries = await listMaps(path);
  if (entries.length === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no PNG or JPEG in "${join(path, "masks")}", so there are no masks to read.`,
    );
  const imageFolder = images ?? join(path, "images");
  const finder = await findByStem(imageFolder);
  return perImageDataset({
    path,
    format: "labelmap",
    categories: [],
    entries,
    signal,
    nameOf: (name) => join(path, "masks", name),
    async readRecord(name, id, { onLoss }): Promise<DatasetRecord> {
      const file = join(path, "masks", name);
      const { pixels, isLossy } = await readMaskImage(file);
      const { objects, isSoft } = interpretMask(pixels, isLossy);
      if (isSoft) onLoss?.("softPixels", file);
      const found = finder.find(stemOf(name));
      return {
        image: {
          id,
          fileName: found?.name ?? name,
          width: pixels.width,
          height: pixels.height,
          ...(found && { open: found.open }),
        },
        annotations: objects.map(({ number, segmentation }) => newAnnotation(number, segmentation)),
      };
    },
  });
}
