import { sniffImage } from "@segany/sam/images";
import { readImageHeader } from "../files/image-header.js";
import type { DatasetImage } from "../record.js";
import { type StoredSize, storedSizeOf } from "./frames.js";

/**
 * The size of an image file's stored pixels, and EXIF's orientation.
 *
 * @param file its bytes
 * @param name what to call it in an error message
 * @throws DatasetError `file-unreadable`
 */
export async function readStoredSize(file: Uint8Array, name: string): Promise<StoredSize> {
  const header = await readImageHeader(file, name);
  return storedSizeOf(header, header.orientation);
}

/** EXIF is at the beginning of nearly all files that have it; so much is read to find out. */
const headBytes = 2 ** 16;

/**
 * The stored size of an image that EXIF turns; reads the beginning of its file, and no more where there is no
 * EXIF in it.
 *
 * @returns undefined for an image without a file, without a turn, or whose file can't be read
 */
export async function turnedSizeOf({ open, fileName }: DatasetImage): Promise<StoredSize | undefined> {
  if (!open) return undefined;
  try {
    const head = await open(headBytes);
    const place = placeOfExif(head);
    if (place === "none") return undefined;
    const fromHead = place === "head" ? readStoredSize(head, fileName) : Promise.reject();
    const found = await fromHead.catch(async () => readStoredSize(await open(), fileName));
    return found.orientation === 1 ? undefined : found;
  } catch {
    return undefined; // who needs its pixels tells what is wrong
  }
}

/** Byte of a WebP's VP8X chunk with its flags, and that of EXIF (WebP container specification). */
const webpFlags = { at: 20, exif: 0x08 };

/** Where a file has its orientation: TIFF anywhere, WebP behind its pixels. */
function placeOfExif(head: Uint8Array): "head" | "anywhere" | "none" {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  switch (sniffImage(head).format) {
    case "tiff":
      return "anywhere";
    case "webp":
      return bytes.toString("latin1", 12, 16) === "VP8X" && (head[webpFlags.at]! & webpFlags.exif) !== 0
        ? "anywhere"
        : "none";
    case "jpeg":
    case "png":
    case "avif":
      return bytes.includes("Exif") || bytes.includes("eXIf") ? "head" : "none";
    default:
      return "none";
  }
}
