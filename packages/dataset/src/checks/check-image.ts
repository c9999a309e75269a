import { frameOf } from "../orientation/frames.js";
import { readStoredSize } from "../orientation/node-image-orientation.js";
import type { DatasetImage } from "../record.js";
import type { ProblemList } from "./problems.js";

/**
 * Checks that an image file can be opened and has the size the data set says: that of the image as it is
 * seen, or of its pixels as stored. Which of the two is noted where EXIF turns the image.
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
    const found = await readStoredSize(await image.open(), image.fileName);
    const frame = frameOf(image, found);
    if (frame !== "neither" && found.orientation !== 1) problems.noteFrame(frame);
    if (frame !== "neither") return;
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
