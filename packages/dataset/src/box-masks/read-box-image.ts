import type { RgbaImage } from "@segany/masks";
import { type ReadImageFileOptions, readImage } from "@segany/sam/images";
import { DatasetError } from "../errors.js";
import type { DatasetImage } from "../record.js";
import { type OnProblem, setAside } from "../set-aside.js";

/** How the image of a record is read. */
export interface ReadBoxImageOptions
  extends Pick<ReadImageFileOptions, "intensity" | "bands" | "page" | "onNotice"> {
  readonly signal?: AbortSignal | undefined;
  readonly onProblem?: OnProblem | undefined;
}

/** An image file whose pixels are not decoded yet. */
export interface OpenedBoxImage {
  readonly file: Uint8Array;
  /** Undefined for an image that is set aside. */
  read(): Promise<RgbaImage | undefined>;
}

/**
 * Opens the image of a record; undefined where there is no file or it can't be read, which is then told.
 *
 * @throws DatasetError `image-missing`, `file-unreadable`, `dataset-invalid` where nobody takes the problem;
 *   `aborted`
 */
export async function readBoxImage(
  image: DatasetImage,
  { signal, onProblem, ...reading }: ReadBoxImageOptions,
): Promise<OpenedBoxImage | undefined> {
  const where = `The image "${image.fileName}"`;
  const settle = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      return setAside(error, where, onProblem);
    }
  };
  const file = await settle(() => readFile(image, where));
  if (!file) return undefined;
  return {
    file,
    read: () =>
      settle(async () => {
        const pixels = await readImage(file, { ...reading, name: where, ...(signal && { signal }) });
        checkSize(pixels, image, where);
        return pixels;
      }),
  };
}

async function readFile({ open }: DatasetImage, where: string): Promise<Uint8Array> {
  if (open) return open();
  throw new DatasetError(
    "image-missing",
    `${where} has no file, so its boxes get no masks; name the folder of images.`,
  );
}

function checkSize({ width, height }: RgbaImage, image: DatasetImage, where: string): void {
  if (width === image.width && height === image.height) return;
  throw new DatasetError(
    "dataset-invalid",
    `${where} is ${width} x ${height} pixels, but the data set says ${image.width} x ${image.height}, and so are its boxes; correct one of them.`,
  );
}
