import type { DatasetImage } from "@segany/dataset";
import type { RgbaImage } from "@segany/masks";
import { readImage } from "@segany/sam";
import { EvaluationError } from "../errors.js";

/** Where the pixels of an image are read from. */
export type SampleImage = Pick<DatasetImage, "fileName" | "width" | "height" | "open">;

/**
 * The encoded file of an image.
 *
 * @throws EvaluationError `image-missing`
 */
export async function readSampleFile({
  fileName,
  open,
}: Pick<SampleImage, "fileName" | "open">): Promise<Uint8Array> {
  if (open) return open();
  throw new EvaluationError(
    "image-missing",
    `The image file ${fileName} isn't there; put the set's images where its format has them.`,
  );
}

/**
 * The pixels of an image, which must have the size its masks have.
 *
 * @throws EvaluationError `image-missing`, `dataset-mismatch`; SamError when the file can't be decoded
 */
export async function readSampleImage(image: SampleImage, file?: Uint8Array): Promise<RgbaImage> {
  const bytes = file ?? (await readSampleFile(image));
  const pixels = await readImage(bytes, { name: `The image file ${image.fileName}` });
  if (pixels.width === image.width && pixels.height === image.height) return pixels;
  throw new EvaluationError(
    "dataset-mismatch",
    `The image file ${image.fileName} is ${pixels.width} x ${pixels.height} pixels, but the data set says ${image.width} x ${image.height}, and so are its masks; correct one of them.`,
  );
}
