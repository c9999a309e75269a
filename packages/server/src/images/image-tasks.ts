/** Tasks of a process that decodes images: a child of the server that may be killed. */
import { readFile, writeFile } from "node:fs/promises";
import { decodeRle } from "@segany/masks";
import { cutOut, encodePng, type OpenedImage, openImage, readImage, SamError, sniffImage } from "@segany/sam";
import type { ImageInfo } from "../contract/images.js";
import { MAX_SIDE } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { apiErrorOf } from "../inference/sam-errors.js";
import { storageFull } from "../storage-full.js";
import type { CutOutTask, InspectedImage, InspectTask, RenderTask } from "./image-messages.js";

const MEDIA_TYPES: Readonly<Record<string, ImageInfo["mediaType"]>> = {
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  tiff: "image/tiff",
};

const THUMBNAIL_SIDE = 320;

/**
 * Checks an uploaded file: first bytes and header before anything is decoded, then the pixels by creating the
 * thumbnail. A damaged file is so refused at upload, not later.
 *
 * @throws ServerError `unsupported-media-type`, `image-too-large`, `image-unreadable`, `storage-full`
 */
export async function inspect({ path, thumbnailPath, maxPixels }: InspectTask): Promise<InspectedImage> {
  const bytes = await readFile(path);
  const { format = "none", kind } = sniffImage(bytes);
  const mediaType = MEDIA_TYPES[format];
  if (!mediaType) {
    throw new ServerError("unsupported-media-type", `The file is ${kind}; send JPEG, PNG, WebP or TIFF.`);
  }
  const image = await open(bytes, maxPixels);
  const { width, height, orientation } = image.header;
  if (Math.max(width, height) > MAX_SIDE) {
    throw new ServerError(
      "image-too-large",
      `The image is ${width} x ${height} pixels; no side may be longer than ${MAX_SIDE}. Make it smaller.`,
    );
  }
  await decode(async () => (await scaled(image, THUMBNAIL_SIDE)).webp({ quality: 80 }).toFile(thumbnailPath));
  return { width, height, orientation, mediaType };
}

/**
 * Writes the image as PNG, or scaled down as WebP. @throws ServerError `image-too-large`, `image-unreadable`,
 * `storage-full`
 */
export async function render({ path, outputPath, maxSide, maxPixels }: RenderTask): Promise<undefined> {
  const image = await open(await readFile(path), maxPixels);
  await decode(async () =>
    maxSide === undefined
      ? (await image.pixels({ sequentialRead: true })).png().toFile(outputPath)
      : (await scaled(image, maxSide)).webp({ quality: 90 }).toFile(outputPath),
  );
}

/**
 * Writes an object cut out of the image as PNG. @throws ServerError `mask-invalid`, `image-unreadable`,
 * `storage-full`
 */
export async function writeCutOut({
  path,
  outputPath,
  segmentation,
  paddingPx,
  maxPixels,
}: CutOutTask): Promise<undefined> {
  try {
    const image = await readImage(await readFile(path), { maxPixels });
    const object = cutOut(image, decodeRle(segmentation, { size: image }), { paddingPx });
    await writeFile(outputPath, await encodePng(object));
  } catch (error) {
    throw apiErrorOf(error);
  }
}

async function open(bytes: Uint8Array, maxPixels: number): Promise<OpenedImage> {
  try {
    return await openImage(bytes, { maxPixels, name: "The image" });
  } catch (error) {
    if (!(error instanceof SamError)) throw error;
    const code = error.code === "image-too-large" ? "image-too-large" : "image-unreadable";
    throw new ServerError(code, error.message, { cause: error });
  }
}

/** Reads rows sequentially, so that an image of any size needs little memory. */
async function scaled(image: OpenedImage, side: number): Promise<Awaited<ReturnType<OpenedImage["pixels"]>>> {
  const pixels = await image.pixels({ sequentialRead: true });
  return pixels.resize({ width: side, height: side, fit: "inside", withoutEnlargement: true });
}

async function decode(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const damaged = "The image is damaged or truncated; send a complete copy.";
    throw storageFull(cause) ?? new ServerError("image-unreadable", damaged, { cause });
  }
}
