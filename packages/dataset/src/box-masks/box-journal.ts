/** The journal of `masksFromBoxes`: a small file per finished image. */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type ExclusiveBoxXyxy, type Rle, rleArea, type Size } from "@segany/masks";
import { readFileUpTo, writeFileInside } from "@segany/runtime/files";
import { writing } from "../files/files.js";
import type { BoxMask } from "./predict-masks.js";

/** Folder of the journal in the output folder; it is removed when the output is whole. */
const FOLDER = ".segany-boxes";
/** Goes up whenever an entry of before would not do. */
const VERSION = 1;
/** Some hundred thousand boxes on one image. */
const MAX_ENTRY_BYTES = 2 ** 28;

/** What decides the masks of an image, besides the model. */
export interface BoxTask {
  /** The encoded image. */
  readonly file: Uint8Array;
  /** How its pixels are read. */
  readonly reading: object;
  readonly size: Size;
  readonly boxesXyxy: readonly ExclusiveBoxXyxy[];
}

/** The masks of finished images. */
export interface BoxJournal {
  /** The masks of an image if it was finished before, with the same file, boxes, options and model. */
  find(task: BoxTask): Promise<readonly BoxMask[] | undefined>;
  /** @throws DatasetError `file-unwritable` */
  keep(task: BoxTask, masks: readonly BoxMask[]): Promise<void>;
  /** Forgets all; call it when the output is whole. */
  remove(): Promise<void>;
}

/**
 * Opens a journal in the folder of an output. Nothing is written before the first image is finished.
 *
 * @param output folder that the masks are written to in the end
 * @param model whatever decides the masks of the model: its checkpoint's hash, its precision
 *
 * @example
 * const journal = openBoxJournal("masks-output", sam.model.checkpointSha256);
 * await convert(masksFromBoxes(dataset, predictor, { journal }), "coco", "masks-output", { resume: true });
 * await journal.remove();
 */
export function openBoxJournal(output: string, model: unknown): BoxJournal {
  return {
    async find(task) {
      try {
        const path = join(output, entryName(task, model));
        return parseEntry(JSON.parse((await readFileUpTo(path, MAX_ENTRY_BYTES)).toString()), task);
      } catch {
        return undefined; // none, or a damaged one: the model makes the masks again
      }
    },
    async keep(task, masks) {
      const entry = masks.map(({ segmentation: { counts }, predictedIou }) => [counts, predictedIou]);
      const name = entryName(task, model);
      await writing(join(output, name), () => writeFileInside(output, name, JSON.stringify(entry)));
    },
    remove: () => rm(join(output, FOLDER), { recursive: true, force: true }),
  };
}

function entryName({ file, reading, size: { width, height }, boxesXyxy }: BoxTask, model: unknown): string {
  const image = createHash("sha256").update(file).digest("hex");
  const all = JSON.stringify({ version: VERSION, model, image, reading, width, height, boxesXyxy });
  return join(FOLDER, `${createHash("sha256").update(all).digest("hex")}.json`);
}

/** @throws for an entry that is none of this task */
function parseEntry(entry: unknown, { size: { width, height }, boxesXyxy }: BoxTask): BoxMask[] {
  const list = entry as readonly (readonly [string, number])[];
  if (list.length !== boxesXyxy.length) throw new Error("it is of other boxes");
  return list.map(([counts, predictedIou]) => {
    const segmentation: Rle = { size: [height, width], counts };
    rleArea(segmentation); // throws for counts that don't fit the size
    if (typeof counts !== "string" || !Number.isFinite(predictedIou)) throw new Error("it is damaged");
    return { segmentation, predictedIou };
  });
}
