import type { Metadata } from "sharp";
import sharp from "sharp";
import type { ImageInfo } from "../contract/images.js";
import { MAX_SIDE } from "../contract/masks.js";
import { ServerError } from "../errors.js";

const MEDIA_TYPES: Readonly<Record<string, ImageInfo["mediaType"]>> = {
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  tiff: "image/tiff",
};

const THUMBNAIL_SIDE = 320;

export interface InspectedPicture {
  /** As shown, after EXIF rotation. */
  readonly width: number;
  readonly height: number;
  readonly mediaType: ImageInfo["mediaType"];
}

/**
 * Looks at an uploaded file: its header first, so that a bomb is refused before it is decoded, then all of it by
 * making its thumbnail, so that a damaged file is refused now and not when somebody opens it.
 *
 * @throws ServerError `unsupported-media-type`, `image-too-large`, `image-unreadable`
 */
export async function inspectPicture(
  path: string,
  thumbnailPath: string,
  maxPixels: number,
): Promise<InspectedPicture> {
  const metadata = await readHeader(path);
  const mediaType = MEDIA_TYPES[metadata.format];
  if (!mediaType) {
    throw new ServerError(
      "unsupported-media-type",
      `The file is ${metadata.format.toUpperCase()}; send JPEG, PNG, WebP or TIFF.`,
    );
  }
  const { width, height } = metadata.autoOrient;
  if (width * height > maxPixels) {
    throw new ServerError(
      "image-too-large",
      `The image is ${width} x ${height} pixels; at most ${maxPixels} are taken. Make it smaller.`,
    );
  }
  if (Math.max(width, height) > MAX_SIDE) {
    throw new ServerError(
      "image-too-large",
      `The image is ${width} x ${height} pixels; no side may be longer than ${MAX_SIDE}. Make it smaller.`,
    );
  }
  await writeThumbnail(path, thumbnailPath, maxPixels);
  return { width, height, mediaType };
}

async function readHeader(path: string): Promise<Metadata> {
  try {
    return await sharp(path, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new ServerError("image-unreadable", "The file is not an image that can be read.", { cause });
  }
}

async function writeThumbnail(path: string, thumbnailPath: string, maxPixels: number): Promise<void> {
  try {
    await sharp(path, { limitInputPixels: maxPixels, failOn: "error" })
      .autoOrient()
      .resize({ width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, fit: "inside", withoutEnlargement: true })
      .webp({ quality: 80 })
      .toFile(thumbnailPath);
  } catch (cause) {
    throw new ServerError("image-unreadable", "The image is damaged or cut off; send a whole copy.", {
      cause,
    });
  }
}

/** Bytes of the picture scaled down, or in a form that browsers show. */
export async function renderPicture(path: string, maxSide: number | undefined): Promise<Buffer> {
  const picture = sharp(path, { limitInputPixels: false, failOn: "error" }).autoOrient();
  const scaled =
    maxSide === undefined
      ? picture
      : picture.resize({ width: maxSide, height: maxSide, fit: "inside", withoutEnlargement: true });
  return maxSide === undefined ? scaled.png().toBuffer() : scaled.webp({ quality: 90 }).toBuffer();
}
