import { readImageHeader } from "../files/image-header.js";
import type { DatasetImage } from "../record.js";
import type { ProblemList } from "./problems.js";

/**
 * Checks that an image file can be opened and has the size the data set says. Sides that EXIF turns may be
 * given either way, for some data sets count turned images.
 *
 * @param file what to call the file that states the size
 */
export async function checkImageFile(
  image: DatasetImage,
  file: string,
  problems: ProblemList,
): Promise<void> {
  const place = { file, record: `image ${image.id}` };
  if (!image.open) return;
  try {
    const found = await readImageSize(await image.open(), image.fileName);
    const fits = found.width === image.width && found.height === image.height;
    const fitsTurned = found.mayBeTurned && found.width === image.height && found.height === image.width;
    if (fits || fitsTurned) return;
    problems.note({
      ...place,
      code: "image-mismatch",
      field: "width, height",
      message: `The size is ${image.width}x${image.height}, but the file "${image.fileName}" has ${found.width}x${found.height}.`,
    });
  } catch (error) {
    problems.noteError(error, { ...place, field: "file_name" });
  }
}

interface ImageFileSize {
  readonly width: number;
  readonly height: number;
  /** Whether EXIF asks for a quarter turn. */
  readonly mayBeTurned: boolean;
}

/** Reads the size from an image file's header, in the order its pixels are stored. */
async function readImageSize(bytes: Uint8Array, name: string): Promise<ImageFileSize> {
  const { width, height, orientation } = await readImageHeader(bytes, name);
  const mayBeTurned = orientation >= 5;
  return mayBeTurned ? { width: height, height: width, mayBeTurned } : { width, height, mayBeTurned };
}
