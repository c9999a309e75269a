import type { Size } from "@segany/masks";
import { type Orientation, readOrientation } from "@segany/sam";
import { sha256Hex } from "@segany/sam/browser";
import { StudioError } from "../errors.js";

/** Longest side of a thumbnail: twice that of its place in the gallery, for screens with small pixels. */
export const THUMBNAIL_SIDE = 256;

/**
 * Images with more pixels are refused: each takes four bytes of memory, and again as many while it is read.
 */
const MAX_PIXELS = 100_000_000;

/** What the gallery shows of a file. */
export interface FileSummary extends Size {
  /** EXIF's; the size is after it. */
  readonly orientation: Orientation;
  /** A small WebP. */
  readonly thumbnail: Blob;
}

/**
 * Looks whether a file is an image that can be opened, before anything is decoded.
 *
 * @throws StudioError `image-unreadable`, `image-too-large`
 */
export async function checkImage(file: Blob, name: string): Promise<void> {
  const { width, height } = await readSize(file, name);
  if (width * height <= MAX_PIXELS) return;
  const megapixels = (pixels: number) => `${Math.round(pixels / 1e6)} megapixels`;
  throw new StudioError(
    "image-too-large",
    `"${name}" is ${width} x ${height} pixels (${megapixels(width * height)}); images may have ${megapixels(MAX_PIXELS)}. Make it smaller first.`,
  );
}

/** An `<img>` knows its size from the first bytes of the file. */
async function readSize(file: Blob, name: string): Promise<Size> {
  const url = URL.createObjectURL(file);
  try {
    return await new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve({ width: image.naturalWidth, height: image.naturalHeight });
      image.onerror = () => reject(unreadable(name));
      image.src = url;
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

function unreadable(name: string, cause?: unknown): StudioError {
  return new StudioError(
    "image-unreadable",
    `"${name}" is not an image that this browser can read. Take a whole JPEG, PNG or WebP file.`,
    { cause },
  );
}

/**
 * Reads an image's size, upright, and its orientation, and makes a thumbnail.
 *
 * @throws StudioError `image-unreadable`
 */
export async function summarise(file: Blob, name: string): Promise<FileSummary> {
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  const { width, height } = bitmap;
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(width, height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  const context = canvas.getContext("2d");
  if (!context) throw new StudioError("image-unreadable", "This browser can't draw images on a canvas.");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const thumbnail = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
  const orientation = readOrientation(new Uint8Array(await file.arrayBuffer()));
  return { width, height, orientation, thumbnail };
}

/** SHA-256 of the file's bytes, lower-case hex: its id on the server too. */
export async function idOfFile(file: Blob): Promise<string> {
  return sha256Hex(new Uint8Array(await file.arrayBuffer()));
}
