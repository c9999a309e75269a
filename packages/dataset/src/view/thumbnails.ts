import { type RgbaImage, rleArea } from "@segany/masks";
import { drawMasks, loadSharp, openImage } from "@segany/sam/images";
import { DatasetError, type DatasetErrorCode } from "../errors.js";
import { imageError } from "../files/image-header.js";
import { type DatasetImage, type DatasetRecord, hasMask } from "../record.js";
import { drawBox } from "./draw-box.js";
import { shrinkMask } from "./shrink-mask.js";

/** What may be wrong with one image file alone. */
const FILE_PROBLEMS: ReadonlySet<DatasetErrorCode> = new Set(["dataset-too-large", "file-unreadable"]);

/** A thumbnail of an image, and the same with its masks. */
export interface Thumbnails {
  readonly width: number;
  readonly height: number;
  /** WebP. */
  readonly plain: Uint8Array;
  readonly overlay: Uint8Array;
  /** Why the image is grey, where it is. */
  readonly absence?: "missing" | "unreadable";
}

/**
 * Draws the thumbnails of a record. An image without a file, or with one that can't be read, is grey, so that
 * its masks can be seen all the same and one of thousands doesn't stop the others.
 *
 * @param sidePx the longer side; smaller images keep their size
 */
export async function makeThumbnails(
  { image, annotations }: DatasetRecord,
  sidePx: number,
): Promise<Thumbnails> {
  const scale = Math.min(1, sidePx / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const found = await findPicture(image, width, height);
  const small = typeof found === "string" ? greyImage(width, height) : found;
  const masks = annotations.filter(hasMask).map(({ segmentation }) => ({
    areaPx: rleArea(segmentation),
    decode: () => shrinkMask(segmentation, { width, height }),
  }));
  const boxes = annotations.filter((annotation) => !hasMask(annotation));
  const overlay = drawMasks(small, masks);
  for (const { bboxXywh } of boxes) drawBox(overlay, bboxXywh, scale);
  return {
    width,
    height,
    plain: await encodeWebp(small),
    overlay: await encodeWebp(overlay),
    ...(typeof found === "string" && { absence: found }),
  };
}

async function findPicture(
  image: DatasetImage,
  width: number,
  height: number,
): Promise<RgbaImage | NonNullable<Thumbnails["absence"]>> {
  if (!image.open) return "missing";
  try {
    return await shrinkImage(image, await image.open(), width, height);
  } catch (error) {
    if (error instanceof DatasetError && FILE_PROBLEMS.has(error.code)) return "unreadable";
    throw error;
  }
}

async function shrinkImage(
  image: DatasetImage,
  bytes: Uint8Array,
  width: number,
  height: number,
): Promise<RgbaImage> {
  const name = `The image "${image.fileName}"`;
  const opened = await openImage(bytes, { name }).catch((error: unknown) => {
    throw imageError(error);
  });
  try {
    const pixels = await opened.pixels();
    const { data } = await pixels
      .resize(width, height, { fit: "fill" })
      .toColourspace("srgb")
      .flatten({ background: "#808080" })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length) };
  } catch (cause) {
    throw new DatasetError("file-unreadable", `${name} is damaged or cut off.`, { cause });
  }
}

function greyImage(width: number, height: number): RgbaImage {
  return {
    width,
    height,
    data: new Uint8ClampedArray(width * height * 4).fill(128).map((value, i) => (i % 4 === 3 ? 255 : value)),
  };
}

async function encodeWebp({ width, height, data }: RgbaImage): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .webp({ quality: 78 })
    .toBuffer();
}
