/** Reads images in a page: the browser decodes, and the pixels are read from a canvas. */
import { type RgbaImage, SamError, throwIfAborted } from "@segany/masks";
import { checkImageSize, DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./image-limits.js";

/** Pixels to read at once: a canvas has stricter size limits than images. */
const STRIP_PIXELS = 4_000_000;

/**
 * Reads an image: a file, or anything that a canvas can draw (image element, video, video frame, canvas,
 * bitmap).
 *
 * Like `readImage` on Node it returns the image as displayed, with the EXIF orientation applied, and ignores
 * colour profiles. The browser decides which formats it supports. A canvas stores colours multiplied by
 * alpha: colours of translucent pixels are rounded, and fully transparent pixels are black.
 *
 * @throws SamError `image-empty` (no bytes, no pixels, a video without a frame), `image-unreadable` (not an
 *   image, damaged, unsupported, or from another site), `image-too-large`, `aborted`
 *
 * @example
 * const response = await fetch("still-life.jpg");
 * const image = await readImage(await response.blob());
 * console.log(image.width, image.height);
 */
export async function readImage(
  source: ImageBitmapSource,
  { maxPixels = DEFAULT_MAX_PIXELS, signal, name = nameOf(source) }: ReadImageOptions = {},
): Promise<RgbaImage<ArrayBuffer>> {
  throwIfAborted(signal);
  if (source instanceof Blob && source.size === 0) {
    throw new SamError("image-empty", `${name} is empty (0 bytes); give a complete image file.`);
  }
  const bitmap = await toBitmap(source, name);
  try {
    throwIfAborted(signal);
    checkImageSize(bitmap, name, maxPixels);
    return readPixels(bitmap, name);
  } finally {
    bitmap.close();
  }
}

function nameOf(source: ImageBitmapSource): string {
  if (source instanceof File) return `"${source.name}"`;
  return source instanceof Blob ? `The image of ${source.size} bytes` : "The image";
}

async function toBitmap(source: ImageBitmapSource, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(source, {
      imageOrientation: "from-image",
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch (cause) {
    const empty = !(source instanceof Blob) && (cause as Error).name === "InvalidStateError";
    throw new SamError(
      empty ? "image-empty" : "image-unreadable",
      `${name} is not an image that this browser can read (${(cause as Error).message}). Give a complete JPEG, PNG or WebP file.`,
      { cause },
    );
  }
}

function readPixels(bitmap: ImageBitmap, name: string): RgbaImage<ArrayBuffer> {
  const { width, height } = bitmap;
  const rows = Math.max(1, Math.min(height, Math.floor(STRIP_PIXELS / width)));
  const context = new OffscreenCanvas(width, rows).getContext("2d", { willReadFrequently: true });
  if (!context)
    throw new SamError("image-too-large", `${name} is ${width} pixels wide, too wide for a canvas.`);
  const data = new Uint8ClampedArray(width * height * 4);
  context.globalCompositeOperation = "copy";
  try {
    for (let y = 0; y < height; y += rows) {
      context.drawImage(bitmap, 0, -y);
      const strip = context.getImageData(0, 0, width, Math.min(rows, height - y));
      data.set(strip.data, y * width * 4);
    }
  } catch (cause) {
    throw new SamError(
      "image-unreadable",
      `The pixels of ${name} cannot be read (${(cause as Error).message}). An image from another site must be sent with CORS headers.`,
      { cause },
    );
  }
  return { width, height, data };
}
