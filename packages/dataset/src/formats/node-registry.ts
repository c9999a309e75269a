import { DatasetError } from "../errors.js";
import { isFile, isFolder } from "../files/files.js";
import { lookAt } from "../files/sight.js";
import { camvidFormat } from "./camvid/node-camvid-format.js";
import { cityscapesFormat } from "./cityscapes/node-cityscapes-format.js";
import { cocoFormat } from "./coco/node-coco-format.js";
import { cocoResultsFormat } from "./coco-results/node-coco-results-format.js";
import { cvatFormat } from "./cvat/node-cvat-format.js";
import { datumaroFormat } from "./datumaro/node-datumaro-format.js";
import { describeSight } from "./describe-sight.js";
import { dotaFormat } from "./dota/node-dota-format.js";
import { fiftyOneFormat } from "./fiftyone/node-fiftyone-format.js";
import type { DatasetFormat, ReadableFormat } from "./format.js";
import { kaggleFormat } from "./kaggle/node-kaggle-format.js";
import { kittiFormat } from "./kitti/node-kitti-format.js";
import { labelMapFormat } from "./label-map/node-label-map-format.js";
import { labelmeFormat } from "./labelme/node-labelme-format.js";
import { labelmeXmlFormat } from "./labelme-xml/node-labelme-xml-format.js";
import { labelStudioFormat } from "./labelstudio/node-label-studio-format.js";
import { lvisFormat } from "./lvis/node-lvis-format.js";
import { maskImagesFormat } from "./mask-images/node-mask-images-format.js";
import { openImagesFormat } from "./openimages/node-open-images-format.js";
import { panopticFormat } from "./panoptic/node-panoptic-format.js";
import { pngFormat } from "./png/node-png-format.js";
import { sa1bFormat } from "./sa1b/node-sa1b-format.js";
import { semanticFormat } from "./semantic/node-semantic-format.js";
import { superviselyFormat } from "./supervisely/node-supervisely-format.js";
import { unreadFormatOf } from "./unread-formats.js";
import { viaFormat } from "./via/node-via-format.js";
import { vocFormat } from "./voc/node-voc-format.js";
import { yoloFormat } from "./yolo/node-yolo-format.js";

/** Formats that are read and written. */
export const datasetFormats: readonly DatasetFormat[] = [
  lvisFormat,
  cocoFormat,
  vocFormat,
  semanticFormat,
  yoloFormat,
  pngFormat,
  labelMapFormat,
  labelmeFormat,
  sa1bFormat,
  panopticFormat,
  cvatFormat,
  labelStudioFormat,
  kaggleFormat,
];

/** All formats; where several would claim a folder, the more particular one comes first. */
export const readableFormats: readonly ReadableFormat[] = [
  lvisFormat,
  panopticFormat,
  cocoFormat,
  cocoResultsFormat,
  cvatFormat,
  labelmeXmlFormat,
  vocFormat,
  semanticFormat,
  kittiFormat,
  cityscapesFormat,
  dotaFormat,
  yoloFormat,
  pngFormat,
  labelStudioFormat,
  viaFormat,
  datumaroFormat,
  fiftyOneFormat,
  superviselyFormat,
  openImagesFormat,
  kaggleFormat,
  labelmeFormat,
  sa1bFormat,
  camvidFormat,
  maskImagesFormat,
  labelMapFormat,
];

/**
 * Finds a format to write by its name.
 *
 * @throws DatasetError `format-unknown`, also for one that is read only
 *
 * @example
 * console.log(findFormat("coco").holds.has("polygons")); // true
 */
export function findFormat(name: string): DatasetFormat {
  const format = datasetFormats.find((candidate) => candidate.name === name);
  if (format) return format;
  const isRead = readableFormats.some((candidate) => candidate.name === name);
  throw new DatasetError(
    "format-unknown",
    isRead
      ? `The format "${name}" is read, but not written; those that are written are ${namesOf(datasetFormats)}.`
      : `There is no format "${name}"; the formats are ${namesOf(datasetFormats)}.`,
  );
}

/**
 * Finds a format to read by its name.
 *
 * @throws DatasetError `format-unknown`
 *
 * @example
 * console.log(findReadableFormat("cityscapes").name); // cityscapes
 */
export function findReadableFormat(name: string): ReadableFormat {
  const format = readableFormats.find((candidate) => candidate.name === name);
  if (format) return format;
  throw new DatasetError(
    "format-unknown",
    `There is no format "${name}"; the formats are ${namesOf(readableFormats)}.`,
  );
}

function namesOf(formats: readonly ReadableFormat[]): string {
  return formats.map(({ name }) => name).join(", ");
}

/**
 * Finds the format of what lies at a path.
 *
 * @throws DatasetError `format-unknown` when it looks like none of them, with what was found and which nearly
 * fit; `dataset-not-found` when nothing is there
 *
 * @example
 * await convert(dataset, "coco", "detect-coco", { images: "none" });
 * console.log((await detectFormat("detect-coco")).name); // coco
 */
export async function detectFormat(path: string): Promise<ReadableFormat> {
  if (!(await isFile(path)) && !(await isFolder(path)))
    throw new DatasetError("dataset-not-found", `There is no file or folder "${path}".`);
  const sight = await lookAt(path);
  const near: string[] = [];
  for (const format of readableFormats) {
    const found = await format.detect(sight);
    if (found === true) return format;
    if (found) near.push(`${format.name}: ${found}`);
  }
  const unread = await unreadFormatOf(sight);
  const reasons = [`Found: ${describeSight(sight)}.`, ...near.map((reason) => `Not ${reason}.`)].join(" ");
  throw new DatasetError(
    "format-unknown",
    unread === undefined
      ? `"${path}" looks like none of the formats ${namesOf(readableFormats)}; name the format. ${reasons}`
      : `"${path}" looks like ${unread}. ${reasons}`,
  );
}
