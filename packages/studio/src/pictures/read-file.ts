import { type Size, sha256Hex } from "@segany/sam/browser";
import { StudioError } from "../errors.js";

/** Longest side of a thumbnail: twice that of its place in the gallery, for screens with small pixels. */
export const THUMBNAIL_SIDE = 256;

/** What the gallery shows of a file. */
export interface FileSummary extends Size {
  readonly thumbnailUrl: string;
}

/**
 * Reads a picture's size, upright, and makes a thumbnail.
 *
 * @throws StudioError `picture-unreadable`
 */
export async function summarise(file: Blob, name: string): Promise<FileSummary> {
  const bitmap = await createImageBitmap(file).catch((cause) => {
    throw new StudioError(
      "picture-unreadable",
      `"${name}" is not a picture that this browser can read. Take a whole JPEG, PNG or WebP file.`,
      { cause },
    );
  });
  const { width, height } = bitmap;
  const scale = Math.min(1, THUMBNAIL_SIDE / Math.max(width, height));
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  const context = canvas.getContext("2d");
  if (!context) throw new StudioError("picture-unreadable", "This browser can't draw pictures on a canvas.");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const thumbnail = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
  return { width, height, thumbnailUrl: URL.createObjectURL(thumbnail) };
}

/** SHA-256 of the file's bytes, lower-case hex: its id on the server too. */
export async function idOfFile(file: Blob): Promise<string> {
  return sha256Hex(new Uint8Array(await file.arrayBuffer()));
}
