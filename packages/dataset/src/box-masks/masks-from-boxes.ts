import {
  boxXywhToXyxy,
  cocoBox,
  type ExclusiveBoxXyxy,
  exclusiveBox,
  rleArea,
  type Size,
} from "@segany/masks";
import type { ReadImageFileOptions } from "@segany/sam/images";
import { DatasetError } from "../errors.js";
import { deriveDataset } from "../operations/derive-dataset.js";
import {
  type Annotation,
  type Dataset,
  type DatasetRecord,
  hasMask,
  type RecordsOptions,
} from "../record.js";
import { setAside } from "../set-aside.js";
import { withMask } from "./annotation-with-mask.js";
import type { BoxJournal } from "./box-journal.js";
import { type BoxMask, type BoxPredictor, predictMasks } from "./predict-masks.js";
import { readBoxImage } from "./read-box-image.js";

/** What became of the annotations of one image. */
export interface BoxOutcome {
  readonly fileName: string;
  /** Boxes that have a mask now. */
  readonly masks: number;
  /** Annotations that had a mask before; they are kept as they are. */
  readonly masksBefore: number;
  /** Boxes of crowds, which are not one object; they stay boxes. */
  readonly crowds: number;
  /** Boxes for which the model finds no pixel; they stay boxes. */
  readonly emptyMasks: number;
  /** Boxes that can't be: without a size, outside of the image, not of numbers; they are left out. */
  readonly impossibleBoxes: number;
  /** Boxes that stay boxes, since the image file is missing or can't be read. */
  readonly boxesWithoutImage: number;
  /** Whether the masks are those of an earlier run (`journal`). */
  readonly fromJournal: boolean;
}

/** Settings of {@link masksFromBoxes}. */
export interface MasksFromBoxesOptions
  extends Pick<ReadImageFileOptions, "intensity" | "bands" | "page" | "onNotice"> {
  /** Keeps the masks of finished images, so that a run that was stopped can go on. */
  readonly journal?: BoxJournal | undefined;
  /** Called after each image. */
  readonly onImage?: ((outcome: BoxOutcome) => void) | undefined;
}

/**
 * Makes a mask for each box that has none, with a model: an image is encoded once, and its boxes are decoded
 * in batches. The annotation gets the mask, its tight box, its area and the model's `predictedIou`; all else
 * stays. Annotations that have a mask, and images without boxes, pass through.
 *
 * The work is done in the pass over the records, one image at a time. A box is cut at the edges of the image.
 * One that can't be used is given to the pass's `onProblem` and left out; without `onProblem` it ends the
 * pass. An image file that is missing, can't be read or has another size than its record is given to
 * `onProblem` too, and its boxes stay boxes.
 *
 * @param predictor a `SamPredictor`; no other caller may set its image meanwhile
 * @throws DatasetError in the pass: `annotation-invalid`, `image-missing`, `file-unreadable`,
 *   `dataset-invalid`, `aborted`; and what the predictor throws
 *
 * @example
 * import { readFile } from "node:fs/promises";
 * const open = () => readFile("examples/still-life.jpg");
 * const image = { id: 1, fileName: "still-life.jpg", width: 1200, height: 800, open };
 * const box = { id: 1, bboxXywh: [420, 250, 330, 420] as const, area: 138600, isCrowd: false };
 * const boxes = datasetFromRecords([{ image, annotations: [box] }]);
 * const { images, annotations } = await convert(masksFromBoxes(boxes, predictor), "coco", "box-masks");
 * console.log(images, annotations); // 1 1
 */
export function masksFromBoxes(
  dataset: Dataset,
  predictor: BoxPredictor,
  options: MasksFromBoxesOptions = {},
): Dataset {
  const derived = deriveDataset(
    dataset,
    () => (record, _, pass) => segmentRecord(record, predictor, options, pass),
  );
  const { imageCount } = dataset;
  return { ...derived, ...(imageCount !== undefined && { imageCount }) };
}

/** A box to prompt with, and where it stands in its record. */
interface PromptedBox {
  readonly index: number;
  readonly boxXyxy: ExclusiveBoxXyxy;
}

async function segmentRecord(
  record: DatasetRecord,
  predictor: BoxPredictor,
  options: MasksFromBoxesOptions,
  pass: RecordsOptions,
): Promise<DatasetRecord> {
  const { image, annotations } = record;
  const usable = new Map(annotations.entries());
  const boxes: PromptedBox[] = [];
  const impossible = { count: 0 };
  for (const [index, annotation] of annotations.entries()) {
    if (hasMask(annotation) || annotation.isCrowd) continue;
    const boxXyxy = boxInside(annotation, image, impossible, pass);
    if (boxXyxy) boxes.push({ index, boxXyxy });
    else usable.delete(index);
  }
  const found = boxes.length === 0 ? undefined : await findMasks(record, boxes, predictor, options, pass);
  let emptyMasks = 0;
  for (const [i, { index }] of boxes.entries()) {
    const mask = found?.masks[i];
    if (mask && rleArea(mask.segmentation) > 0) usable.set(index, withMask(annotations[index]!, mask));
    else if (mask) emptyMasks++;
  }
  options.onImage?.({
    fileName: image.fileName,
    masks: found ? boxes.length - emptyMasks : 0,
    masksBefore: annotations.filter(hasMask).length,
    crowds: annotations.filter((annotation) => annotation.isCrowd && !hasMask(annotation)).length,
    emptyMasks,
    impossibleBoxes: impossible.count,
    boxesWithoutImage: found ? 0 : boxes.length,
    fromJournal: found?.fromJournal ?? false,
  });
  return { ...record, annotations: [...usable.values()] };
}

/** The part of a box that is in the image; undefined for one that is set aside. */
function boxInside(
  { id, bboxXywh }: Annotation,
  { fileName, width, height }: Size & { readonly fileName: string },
  impossible: { count: number },
  { onProblem }: RecordsOptions,
): ExclusiveBoxXyxy | undefined {
  const [x0, y0, x1, y1] = boxXywhToXyxy(cocoBox(bboxXywh));
  const [left, top] = [Math.max(x0, 0), Math.max(y0, 0)];
  const [right, bottom] = [Math.min(x1, width), Math.min(y1, height)];
  if (right > left && bottom > top) return exclusiveBox([left, top, right, bottom]);
  impossible.count++;
  const where = `The image "${fileName}", annotation ${id}`;
  const problem = new DatasetError(
    "annotation-invalid",
    `${where}: the box [${bboxXywh.join(", ")}] has no part of the image, which is ${width} x ${height} pixels.`,
  );
  return setAside(problem, where, onProblem);
}

/** The masks of an image's boxes, in their order; undefined where the image can't be used. */
async function findMasks(
  { image }: DatasetRecord,
  boxes: readonly PromptedBox[],
  predictor: BoxPredictor,
  { journal, onImage: _, ...reading }: MasksFromBoxesOptions,
  { signal, onProblem }: RecordsOptions,
): Promise<{ readonly masks: readonly BoxMask[]; readonly fromJournal: boolean } | undefined> {
  const opened = await readBoxImage(image, { ...reading, signal, onProblem });
  if (!opened) return undefined;
  const { file, read } = opened;
  const boxesXyxy = boxes.map(({ boxXyxy }) => boxXyxy);
  const { intensity, bands, page } = reading;
  const key = { file, reading: { intensity, bands, page }, size: image, boxesXyxy };
  const kept = await journal?.find(key);
  if (kept) return { masks: kept, fromJournal: true };
  const pixels = await read();
  if (!pixels) return undefined;
  const masks = await predictMasks(predictor, pixels, boxesXyxy, signal);
  await journal?.keep(key, masks);
  return { masks, fromJournal: false };
}
