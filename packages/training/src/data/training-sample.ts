import type { DatasetImage } from "@segany/dataset";
import type { MaskRuns, RgbaImage, Size } from "@segany/masks";
import { readImage } from "@segany/sam";
import { TrainingError } from "../errors.js";

/** The true mask of one object. */
export interface TrainingMask {
  /** Of the annotation, as the set has it. */
  readonly id: number;
  /** Of the set's classes; absent where masks have none. */
  readonly categoryId?: number;
  /** The class's name. */
  readonly className?: string;
  /**
   * Where somebody clicked first to make the mask: pixels (x, y) of the image. Half of the simulated first
   * points are this one, in views that show it inside the mask.
   */
  readonly firstClick?: readonly [x: number, y: number];
  /** The mask, of the image's size; decoded anew at each call. */
  runs(): MaskRuns;
}

/** An image to train on. */
export interface TrainingSample {
  /** As the set has it, with `/` between folders. */
  readonly fileName: string;
  /** Pixels of the image as it is seen, after EXIF's turn. */
  readonly size: Size;
  /** At least one. */
  readonly masks: readonly TrainingMask[];
  /** Reads the encoded file anew at each call. */
  readonly open: NonNullable<DatasetImage["open"]>;
}

/**
 * The pixels of a sample's image, turned as EXIF says.
 *
 * @param file its content, if it was read before
 * @throws TrainingError `data-changed` when the file no longer has the size it had; SamError when it can't be
 *   decoded
 */
export async function readTrainingImage(
  { fileName, size, open }: TrainingSample,
  file?: Uint8Array,
): Promise<RgbaImage> {
  const image = await readImage(file ?? (await open()), { name: `The image file ${fileName}` });
  if (image.width === size.width && image.height === size.height) return image;
  throw new TrainingError(
    "data-changed",
    `The image file ${fileName} has ${image.width} x ${image.height} pixels, but had ${size.width} x ${size.height} when the set was opened. Don't change a set that is trained on.`,
  );
}
