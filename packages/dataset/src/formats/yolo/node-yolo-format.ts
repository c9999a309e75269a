import { join } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFile, readImageBytes } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { createFolderOutput } from "../../files/folder-output.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import { createNameMatcher } from "../../names/match-names.js";
import type { Dataset, DatasetRecord, ReadTakers } from "../../record.js";
import { linesOf } from "../../text/decode-text.js";
import { categoriesOfNames } from "../class-list.js";
import type { DatasetFormat, Detection, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { writesFolders } from "../node-write-folder.js";
import { inListedParts } from "./node-part-lists.js";
import { yoloWriter } from "./write-yolo.js";
import { labelPathOf, parseYoloLabels, yoloHolds } from "./yolo.js";
import type { YoloTask } from "./yolo-lines.js";
import { formatYoloYaml, parseYoloYaml } from "./yolo-yaml.js";

/** Where class names are looked for, in this order; LabelImg puts its list among the labels. */
const classFiles = [
  "data.yaml",
  "data.yml",
  "dataset.yaml",
  "dataset.yml",
  "classes.txt",
  "obj.names",
  "labels/classes.txt",
  "train/classes.txt",
  "labels/train/classes.txt",
];

/**
 * YOLO (Ultralytics): `images/…`, `labels/….txt` of the same names, `data.yaml`. Sets with parts, such as
 * `images/train` or `train/images`, are read as one; the part stays in the file names, and so do parts of
 * lists such as `train.txt` and `val.txt`. Darknet's and LabelImg's sets, with labels beside their images,
 * are read too.
 */
export const yoloFormat: DatasetFormat = {
  name: "yolo",
  title:
    "YOLO: images/, labels/ with a line a mask or box, data.yaml; Darknet's and LabelImg's labels beside images",
  holds: yoloHolds,
  detect,
  read,
  ...writesFolders(yoloWriter),
  writeAboveParts,
};

/** A `data.yaml` that names the folders of all parts, from which tools train. */
async function writeAboveParts(path: string, parts: readonly string[]): Promise<void> {
  let names: readonly string[] = [];
  for (const part of parts) {
    const file = join(path, part, "data.yaml");
    const found = parseYoloYaml(await readTextFile(file), file).names;
    // They have the same classes, but for one at the end that only parts with classless masks have.
    if (found.length > names.length) names = found;
  }
  const file = join(path, "data.yaml");
  const text = formatYoloYaml(names, parts);
  if ((await isFile(file)) && (await readTextFile(file)) !== text)
    throw new DatasetError(
      "output-exists",
      `"${file}" is there and is not what would be written; the parts are written, without a file for all of them.`,
    );
  await createFolderOutput(path).write("data.yaml", text);
}

async function detect(sight: Sight): Promise<Detection> {
  const hasClasses = classFiles.some((name) => sight.hasFile(name));
  const hasFolder = sight.folders.some((name) => /(^|\/)labels$/.test(name));
  const labels = sight.files.filter((name) => /\.txt$/i.test(name) && isLabelOf(name, sight.files));
  if (hasClasses && (hasFolder || labels.length > 0)) return true;
  if (hasClasses && sight.files.some(isImageName))
    return `it has ${classFiles.find((name) => sight.hasFile(name))}, but neither a folder labels nor a label file that is called like an image`;
  const looksLikeLines = /^\s*\d+(\s+[\d.eE+-]+){4,}\s*$/m.test(labels[0] ? await sight.head(labels[0]) : "");
  return looksLikeLines
    ? `it has labels such as ${labels[0]}, but none of the files ${classFiles.slice(0, 6).join(", ")} with the names of the classes`
    : false;
}

/** Whether there is an image for a label file: beside it, or in `images` where it is in `labels`. */
function isLabelOf(name: string, files: readonly string[]): boolean {
  const stem = stemOf(name);
  const elsewhere = stem.replace(/(^|.*\/)labels\//, "$1images/");
  return files.some((file) => isImageName(file) && (stemOf(file) === stem || stemOf(file) === elsewhere));
}

interface YoloEntry {
  /** Relative to the data set's folder. */
  readonly imagePath: string;
  readonly labelPath: string;
  readonly fileName: string;
}

/** What reading a label file needs to know of the set. */
interface YoloSource {
  readonly path: string;
  readonly imageRoot: string;
  readonly encoding: string | undefined;
  readonly classes: number;
  readonly task: YoloTask;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, images, encoding, onLoss } = options;
  const { names, task } = await readClasses(path, options);
  const labels = await listFiles(path, (name) => /\.txt$/i.test(name));
  const listed = images === undefined ? await listEntries(path) : await listEntriesOf(images, labels);
  const entries = await inListedParts(path, listed, labels, options);
  if (entries.length === 0) {
    throw new DatasetError(
      "dataset-invalid",
      `There is no image in a folder "images" below "${path}", nor beside a file of labels; name the folder of images. YOLO's labels can't be read without them, as they say no sizes.`,
    );
  }
  const claimed = new Set(entries.map(({ labelPath }) => labelPath));
  for (const label of labels)
    if (/(^|\/)labels\//.test(label) && !claimed.has(label) && !classFiles.includes(label))
      onLoss?.("unclaimedFiles", join(path, label));
  const source: YoloSource = { path, imageRoot: images ?? path, encoding, classes: names.length, task };
  return perImageDataset({
    path,
    format: "yolo",
    categories: categoriesOfNames(names),
    entries,
    signal,
    nameOf: ({ imagePath }) => join(source.imageRoot, imagePath),
    readRecord: (entry, id, takers) => readYoloRecord(source, entry, id, takers),
  });
}

/** Images in a folder `images`, else those that have labels beside them, as Darknet and LabelImg do it. */
async function listEntries(path: string): Promise<YoloEntry[]> {
  const names = await listFiles(path, (name) => isImageName(name) || /\.txt$/i.test(name));
  const images = names.filter(isImageName);
  const inFolder = images.filter((name) => /(^|\/)images\//.test(name));
  if (inFolder.length > 0)
    return inFolder.map((imagePath) => ({
      imagePath,
      labelPath: labelPathOf(stemOf(imagePath)),
      fileName: imagePath.replace(/(^|.*\/)images\//, "$1"),
    }));
  const hasLabels = new Set(
    names.filter((name) => !isImageName(name)).map((name) => name.replace(/[^/]*$/, "")),
  );
  return images
    .filter((name) => hasLabels.has(name.replace(/[^/]*$/, "")))
    .map((imagePath) => ({
      imagePath,
      labelPath: `${stemOf(imagePath)}.txt`,
      fileName: imagePath.replace(/^obj_(\w+?)_data\//, "$1/"),
    }));
}

/** Images of a folder that the user names, with the labels that are called like them, wherever these are. */
async function listEntriesOf(images: string, labels: readonly string[]): Promise<YoloEntry[]> {
  const names = await listFiles(images, isImageName);
  const byStem = createNameMatcher(labels.map((label) => stemOf(label).replace(/(^|.*\/)labels\//, "$1")));
  const ofStem = new Map(labels.map((label) => [stemOf(label).replace(/(^|.*\/)labels\//, "$1"), label]));
  return names.map((name) => {
    const match = byStem.find(stemOf(name));
    const labelPath = match ? ofStem.get(match.name)! : `labels/${stemOf(name)}.txt`;
    return { imagePath: name, labelPath, fileName: name };
  });
}

async function readClasses(
  path: string,
  { encoding, onProblem }: ReadOptions,
): Promise<{ readonly names: readonly string[]; readonly task: YoloTask }> {
  for (const name of classFiles) {
    const file = join(path, name);
    if (!(await isFile(file))) continue;
    const text = await readTextFile(file, encoding);
    return /\.ya?ml$/.test(file) ? parseYoloYaml(text, file, onProblem) : { names: linesOf(text), task: {} };
  }
  throw new DatasetError(
    "dataset-not-found",
    `"${path}" has none of the files ${classFiles.join(", ")} with the names of the classes.`,
  );
}

async function readYoloRecord(
  { path, imageRoot, encoding, classes, task }: YoloSource,
  { imagePath, labelPath, fileName }: YoloEntry,
  id: number,
  takers: ReadTakers,
): Promise<DatasetRecord> {
  const file = join(imageRoot, imagePath);
  const size = await imageSizeOf(file);
  const labels = join(path, labelPath);
  // An image without a label file is one without objects.
  const text = (await isFile(labels)) ? await readTextFile(labels, encoding) : "";
  return {
    image: { id, fileName, ...size, open: (headBytes) => readImageBytes(file, headBytes) },
    annotations: parseYoloLabels(text, size, classes, labels, takers, task),
  };
}
