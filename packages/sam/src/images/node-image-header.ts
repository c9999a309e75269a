/** Reads and validates headers of image files on Node, before pixels are decoded. */

import { stat } from "node:fs/promises";
import type { Size } from "@segany/masks";
import { SamError, throwIfAborted } from "@segany/masks";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import { firstPicture } from "./first-picture.js";
import { checkImageSize, DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./image-limits.js";
import { type ImageFormat, SIGNATURE_BYTES, sniffImage } from "./image-signature.js";
import { type ImageSource, nameOfImage, readImageBytes, readImageHead } from "./node-image-bytes.js";
import { loadSharp } from "./node-sharp.js";

const FORMAT_NAMES = "JPEG, PNG, WebP, TIFF, AVIF and GIF";

/** Formats with the header at the start of the file: that part is read first. */
const HEADER_FIRST: ReadonlySet<ImageFormat | undefined> = new Set(["jpeg", "png"]);
const HEAD_BYTES = 65_536;

/** The header of an image file. Width and height are those after the EXIF orientation. */
export interface ImageHeader extends Size {
  readonly format: ImageFormat;
  /** EXIF orientation, 1 to 8. From 5 on the stored pixels have width and height swapped. */
  readonly orientation: number;
  /** Colour space in libvips' terms: `srgb`, `b-w`, `cmyk`, `grey16`, … */
  readonly space: string;
  /** Type of the samples in libvips' terms: `uchar`, `ushort`, `float`, … */
  readonly depth: string;
  readonly channels: number;
}

/** A validated image file that is not decoded yet. */
export interface OpenedImage {
  readonly header: ImageHeader;
  /** Returns sharp for the file's first image, rotated by EXIF. It throws sharp's own errors. */
  pixels(options?: Pick<SharpOptions, "ignoreIcc" | "sequentialRead">): Sharp;
}

/**
 * Reads the header of an image file, but no pixels. The first bytes determine the format before any decoder
 * reads the file.
 *
 * @param name of the image, for messages
 * @throws SamError `file-unreadable`, `image-empty`, `image-unreadable`
 */
export async function readImageHeader(source: ImageSource, name = nameOfImage(source)): Promise<ImageHeader> {
  if (!(source instanceof Uint8Array)) {
    const head = await readImageHead(source, name, HEAD_BYTES);
    if (head.length < HEAD_BYTES || HEADER_FIRST.has(formatOf(head, name))) {
      const header = await headerOf(cutDown(head, name), name).catch((error: unknown) => error);
      if (!(header instanceof Error)) return header as ImageHeader;
    }
  }
  return headerOf(cutDown(await readImageBytes(source, name), name), name);
}

/**
 * Validates an image file's first bytes, header and size, and returns what decodes it.
 *
 * @throws SamError `file-unreadable`, `image-empty`, `image-unreadable`, `image-too-large`, `aborted`
 */
export async function openImage(
  source: ImageSource,
  { maxPixels = DEFAULT_MAX_PIXELS, signal, name = nameOfImage(source) }: ReadImageOptions = {},
): Promise<OpenedImage> {
  if (!(source instanceof Uint8Array) && (await isRegularFile(source)))
    formatOf(await readImageHead(source, name, SIGNATURE_BYTES), name); // what is none isn't read to its end
  const file = cutDown(await readImageBytes(source, name, signal), name);
  throwIfAborted(signal);
  const header = await headerOf(file, name);
  checkImageSize(header, name, maxPixels);
  checkSampleBytes(header, name, maxPixels);
  const sharp = await loadSharp();
  return {
    header,
    pixels: (options) =>
      sharp(file.bytes, { limitInputPixels: false, failOn: "error", ...options }).autoOrient(),
  };
}

/** A pipe can be read once only. */
async function isRegularFile(path: string | URL): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

interface ImageFile {
  readonly format: ImageFormat;
  readonly bytes: Uint8Array;
}

function cutDown(bytes: Uint8Array, name: string): ImageFile {
  const format = formatOf(bytes, name);
  return { format, bytes: firstPicture(bytes, format) };
}

/** @throws SamError `image-empty`, `image-unreadable` */
function formatOf(bytes: Uint8Array, name: string): ImageFormat {
  if (bytes.length === 0)
    throw new SamError("image-empty", `${name} is empty (0 bytes); give a complete image file.`);
  const sniffed = sniffImage(bytes);
  if (sniffed.format) return sniffed.format;
  throw new SamError(
    "image-unreadable",
    `${name} is ${sniffed.kind} by its first bytes, which is not supported; convert it to JPEG or PNG first (supported are ${FORMAT_NAMES}).`,
  );
}

async function headerOf({ format, bytes }: ImageFile, name: string): Promise<ImageHeader> {
  if (format === "png" && isWithoutPixels(bytes))
    throw new SamError("image-empty", `${name} is a PNG without pixels; give another image.`);
  const { autoOrient, orientation = 1, space, depth, channels, ...found } = await metadataOf(bytes, name);
  const isHeic = found.format === "heif" && found.compression !== "av1";
  if (isHeic)
    throw new SamError(
      "image-unreadable",
      `${name} is HEIC, which is not supported; convert it to JPEG or PNG first (supported are ${FORMAT_NAMES}).`,
    );
  return { format, width: autoOrient.width, height: autoOrient.height, orientation, space, depth, channels };
}

/** Reads the header without sharp's pixel limit: its message would name neither file nor size. */
async function metadataOf(bytes: Uint8Array, name: string): Promise<Metadata> {
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new SamError(
      "image-unreadable",
      `${name} is not an image that can be read (${detailOf(cause)}). Give a complete file; supported are ${FORMAT_NAMES}.`,
      { cause },
    );
  }
}

/**
 * Limits the bytes of samples: a TIFF may have 65,535 channels, but `maxPixels` is meant for up to four of 16
 * bits.
 */
function checkSampleBytes(
  { width, height, channels, depth }: ImageHeader,
  name: string,
  maxPixels: number,
): void {
  const sampleBytes = /^(uchar|char)$/.test(depth) ? 1 : /short$/.test(depth) ? 2 : 8;
  if (width * height * channels * sampleBytes <= maxPixels * 8) return;
  throw new SamError(
    "image-too-large",
    `${name} has ${channels} channels of type ${depth} at ${width} x ${height} pixels, too much to decode; make it smaller, or keep three channels.`,
  );
}

/**
 * Whether a PNG has no pixels, which libpng reports as corrupt. Width and height follow the signature and the
 * chunk's header.
 */
function isWithoutPixels(png: Uint8Array): boolean {
  if (png.length < 24) return false;
  const header = new DataView(png.buffer, png.byteOffset);
  return header.getUint32(16) === 0 || header.getUint32(20) === 0;
}

/** The first line of libvips' message, without the full stop. */
export function detailOf(error: unknown): string {
  const [line = ""] = (error as Error).message.split("\n");
  return line.replace(/[.:\s]+$/, "");
}
