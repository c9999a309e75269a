import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, isFolder, readBytes } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import type { Dataset, DatasetRecord } from "../../record.js";
import type { OnProblem } from "../../set-aside.js";
import { categoriesOfNames } from "../class-list.js";
import type { DatasetFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { yoloWriter } from "./write-yolo.js";
import { labelPathOf, parseYoloLabels, parseYoloNames, yoloHolds } from "./yolo.js";

/** Where class names are looked for. */
const yamlNames = ["data.yaml", "data.yml", "dataset.yaml", "dataset.yml"];
const listNames = ["classes.txt", "obj.names"];

/**
 * YOLO segmentation (Ultralytics): `images/…`, `labels/….txt` of the same names, `data.yaml`. Sets with parts, such as
 * `images/train` or `train/images`, are read as one; the part stays in the file names.
 */
export const yoloFormat: DatasetFormat = {
  name: "yolo",
  title: "YOLO segmentation: images/, labels/ with a line a mask, data.yaml",
  holds: yoloHolds,
  detect: async (path) =>
    (await findClassFile(path)) !== undefined &&
    ((await isFolder(join(path, "labels"))) || (await isFolder(join(path, "train/labels")))),
  read,
  ...writesFolders(yoloWriter),
};

interface YoloEntry {
  /** Relative to the data set's folder. */
  readonly imagePath: string;
  readonly labelPath: string;
  readonly fileName: string;
}

async function read(path: string, { signal, images, onProblem }: ReadOptions = {}): Promise<Dataset> {
  const names = await readNames(path, onProblem);
  const entries = images === undefined ? await listEntries(path) : await listEntriesOf(images);
  if (entries.length === 0) {
    throw new DatasetError(
      "dataset-invalid",
      `There is no image in a folder "images" below "${path}"; name the folder of images. YOLO's labels can't be read without them, as they say no sizes.`,
    );
  }
  const imageRoot = images ?? path;
  return perImageDataset({
    path,
    format: "yolo",
    categories: categoriesOfNames(names),
    entries,
    signal,
    nameOf: ({ imagePath }) => join(imageRoot, imagePath),
    readRecord: (entry, id, take) => readYoloRecord(path, imageRoot, entry, id, names.length, take),
  });
}

async function listEntries(path: string): Promise<YoloEntry[]> {
  const names = await listFiles(path, (name) => isImageName(name) && /(^|\/)images\//.test(name));
  return names.map((imagePath) => ({
    imagePath,
    labelPath: labelPathOf(stemOf(imagePath)),
    fileName: imagePath.replace(/(^|.*\/)images\//, "$1"),
  }));
}

async function listEntriesOf(images: string): Promise<YoloEntry[]> {
  const names = await listFiles(images, isImageName);
  return names.map((name) => ({ imagePath: name, labelPath: `labels/${stemOf(name)}.txt`, fileName: name }));
}

async function findClassFile(path: string): Promise<string | undefined> {
  for (const name of [...yamlNames, ...listNames]) {
    if (await isFile(join(path, name))) return join(path, name);
  }
  return undefined;
}

async function readNames(path: string, onProblem: OnProblem | undefined): Promise<string[]> {
  const file = await findClassFile(path);
  if (file === undefined) {
    throw new DatasetError(
      "dataset-not-found",
      `"${path}" has none of the files ${[...yamlNames, ...listNames].join(", ")} with the names of the classes.`,
    );
  }
  const text = Buffer.from(await readBytes(file)).toString("utf8");
  if (/\.ya?ml$/.test(file)) return parseYoloNames(text, file, onProblem);
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

async function readYoloRecord(
  path: string,
  imageRoot: string,
  { imagePath, labelPath, fileName }: YoloEntry,
  id: number,
  classes: number,
  onProblem: OnProblem | undefined,
): Promise<DatasetRecord> {
  const file = join(imageRoot, imagePath);
  const size = await imageSizeOf(file);
  const labels = join(path, labelPath);
  // An image without a label file is one without objects.
  const text = (await isFile(labels)) ? Buffer.from(await readBytes(labels)).toString("utf8") : "";
  return {
    image: { id, fileName, ...size, open: () => readBytes(file) },
    annotations: parseYoloLabels(text, size, classes, labels, onProblem),
  };
}
