import { join } from "node:path";
import type { OutputFolder } from "../files/output-folder.js";
import type { OutputNames } from "../names/output-names.js";
import type { DatasetImage, DatasetRecord } from "../record.js";
import { type OnProblem, setAside } from "../set-aside.js";
import type { WriteOptions } from "./format.js";
import type { LossCounter } from "./losses.js";

/** The bytes of an image's file; undefined where there is none, or it can't be read and somebody takes the problem. */
export async function readImageFile(
  { open, fileName }: DatasetImage,
  onProblem: OnProblem | undefined,
): Promise<Uint8Array | undefined> {
  return open?.().catch((error: unknown) => setAside(error, `The image "${fileName}"`, onProblem));
}

/** What became of an image file: written, already there and kept, or there is none to write. */
export type ImageFileOutcome = "written" | "kept" | "missing";

/** Copies image files into a folder, under names that `OutputNames` has given. */
export interface ImageFileWriter {
  /** @throws DatasetError `file-unreadable`, `file-unwritable`, `aborted` */
  write(image: DatasetImage): Promise<ImageFileOutcome>;
}

/**
 * Begins copying image files into an output folder.
 *
 * @param folder relative to the output folder; "" for the output folder itself
 */
export function createImageFileWriter(
  output: OutputFolder,
  folder: string,
  { images = "copy", onProblem }: Pick<WriteOptions, "images" | "onProblem"> = {},
): ImageFileWriter {
  return {
    async write(image) {
      if (images === "none" || !image.open) return "missing";
      const bytes = await readImageFile(image, onProblem);
      return bytes ? output.write(join(folder, image.fileName), bytes) : "missing";
    },
  };
}

/** The record with the name that its image is written under. @throws DatasetError as `OutputNames.take` does */
export function withOutputName(
  record: DatasetRecord,
  names: OutputNames,
  losses: LossCounter,
): DatasetRecord {
  const { image } = record;
  const fileName = names.take(image.fileName, `Image ${image.id}`);
  if (fileName === image.fileName) return record;
  losses.add("fileNames", 1);
  return { ...record, image: { ...image, fileName } };
}
