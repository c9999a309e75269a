import { join } from "node:path";
import type { Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";
import { readImageBytes } from "../../files/files.js";
import { listFiles } from "../../files/folder-files.js";
import type { Sight } from "../../files/sight.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import type { Annotation, Dataset, DatasetRecord, ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { Detection, ReadableFormat, ReadOptions } from "../format.js";
import { interpretMask } from "../interpret-mask.js";
import { newAnnotation } from "../new-annotation.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { readMaskImage } from "../node-read-mask-image.js";
import { createClassNumbers } from "../node-tool-dataset.js";

/**
 * PNGs or JPEGs of one mask each, or of several by numbers or colours (`interpretMask`): `a_mask.png`
 * beside `a.jpg` or in folders of masks, as MVTec AD has it (`ground_truth/SCRATCH/…`, whose folders are
 * the classes); or a folder an image with a PNG an object (`a/masks/….png`, `a/images/a.png`).
 */
export const maskImagesFormat: ReadableFormat = {
  name: "mask-images",
  title: "mask images: a_mask.png for a.jpg (MVTec AD and others), or a folder an image with masks/",
  detect: async (sight) => detect(sight),
  read,
};

const suffixed = /_(mask|masks|seg|segmentation)\.(png|jpe?g)$/i;
const inFolder = /(^|\/)([^/]+)\/masks\/[^/]+\.(png|jpe?g)$/i;

function detect(sight: Sight): Detection {
  if (sight.find(inFolder) !== undefined && sight.find(/\/images\/[^/]+$/) !== undefined) return true;
  const mask = sight.find(suffixed);
  if (mask === undefined) return false;
  return (
    sight.files.some((name) => isImageName(name) && !suffixed.test(name)) ||
    `it has masks such as ${mask}, but no images`
  );
}

interface Entry {
  /** Relative to the folder of images, or to the set. */
  readonly image: string;
  readonly masks: readonly { readonly file: string; readonly className: string | undefined }[];
}

async function read(path: string, { signal, images, onLoss }: ReadOptions = {}): Promise<Dataset> {
  const files = await listFiles(path, isImageName);
  const isMask = (name: string): boolean => suffixed.test(name) || inFolder.test(name);
  const imageRoot = images ?? path;
  const imageNames =
    images === undefined ? files.filter((name) => !isMask(name)) : await listFiles(images, isImageName);
  const bySuffix = indexBySuffix(imageNames);
  const found = new Map<string, Entry & { masks: Entry["masks"][number][] }>();
  for (const file of files.filter(isMask)) {
    const image = bySuffix(file);
    if (image === undefined) {
      onLoss?.("unclaimedFiles", join(path, file));
      continue;
    }
    const entry = found.get(image) ?? { image, masks: [] };
    found.set(image, entry);
    entry.masks.push({ file, className: /(^|\/)ground_truth\/([^/]+)\//.exec(file)?.[2] });
  }
  if (found.size === 0)
    throw new DatasetError(
      "dataset-not-found",
      `There is no mask in "${path}" with an image of its name, such as a_mask.png for a.jpg.`,
    );
  for (const name of imageNames) if (!found.has(name)) onLoss?.("unclaimedImages", join(imageRoot, name));
  const entries = [...found.values()];
  const classes = createClassNumbers(
    [...new Set(entries.flatMap(({ masks }) => masks.flatMap(({ className }) => className ?? [])))].sort(),
  );
  return perImageDataset({
    path,
    format: "mask-images",
    categories: classes.categories,
    entries,
    signal,
    nameOf: ({ image }) => join(imageRoot, image),
    readRecord: (entry, id, takers) => readRecord(path, imageRoot, entry, id, classes.idOf, takers),
  });
}

/** Finds an image by the last parts of a mask's name, as many as tell the images apart. */
function indexBySuffix(images: readonly string[]): (maskFile: string) => string | undefined {
  const bySuffix = new Map<string, string | undefined>();
  for (const image of images) {
    const parts = stemOf(image).split("/");
    for (let from = 0; from < parts.length; from++) {
      const suffix = parts.slice(from).join("/");
      bySuffix.set(suffix, bySuffix.has(suffix) ? undefined : image);
    }
  }
  return (file) => {
    const folder = inFolder.exec(file)?.[2];
    const parts = folder === undefined ? file.replace(suffixed, "").split("/") : [folder];
    for (let from = 0; from < parts.length; from++) {
      const image = bySuffix.get(parts.slice(from).join("/"));
      if (image !== undefined) return image;
    }
    return undefined;
  };
}

async function readRecord(
  path: string,
  imageRoot: string,
  { image, masks }: Entry,
  id: number,
  idOf: (name: string) => number | undefined,
  takers: ReadTakers,
): Promise<DatasetRecord> {
  const sizes: { readonly width: number; readonly height: number }[] = [];
  const annotations: Annotation[] = [];
  for (const { file, className } of masks) {
    const where = join(path, file);
    try {
      const { pixels, isLossy } = await readMaskImage(where);
      checkSameSize(pixels, sizes[0] ?? pixels, where);
      sizes.push(pixels);
      const { objects, isSoft } = interpretMask(pixels, isLossy);
      if (isSoft) takers.onLoss?.("softPixels", where);
      const categoryId = className === undefined ? undefined : idOf(className);
      for (const { segmentation } of objects) {
        const number = annotations.length + 1;
        annotations.push(newAnnotation(number, segmentation, categoryId === undefined ? {} : { categoryId }));
      }
    } catch (error) {
      setAside(error, where, takers.onProblem);
    }
  }
  const [size] = sizes;
  if (!size)
    throw new DatasetError("annotation-invalid", `${join(imageRoot, image)} has no mask that can be used.`);
  const { width, height } = size;
  const file = join(imageRoot, image);
  return {
    image: { id, fileName: image, width, height, open: (headBytes) => readImageBytes(file, headBytes) },
    annotations,
  };
}

function checkSameSize({ width, height }: Size, size: Size, where: string): void {
  if (width === size.width && height === size.height) return;
  throw new DatasetError(
    "annotation-invalid",
    `${where} is ${width} x ${height} pixels, but the masks before it are ${size.width} x ${size.height}.`,
  );
}
