/** Reads and validates headers of image files on Node, before pixels are decoded. */

import { stat } from "node:fs/promises";
import type { Size } from "@segany/masks";
import { SamError, throwIfAborted } from "@segany/masks";
import type { Metadata, Sharp, SharpOptions } from "sharp";
import type { Orientation } from "./exif.js";
import { checkImageSize, DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./image-limits.js";
import { type ImageFormat, SIGNATURE_BYTES, sniffImage } from "./image-signature.js";
import { bmpSize } from "./node-bmp.js";
import { type ImageSource, nameOfImage, readImageBytes, readImageHead } from "./node-image-bytes.js";
import { countPages, cutToPage } from "./node-one-page.js";
import { loadSharp } from "./node-sharp.js";

const FORMAT_NAMES = "JPEG, PNG, WebP, TIFF, AVIF, GIF and BMP";

/** Formats with the header at the start of the file: that part is read first. */
const HEADER_FIRST: ReadonlySet<ImageFormat | undefined> = new Set(["jpeg", "png"]);
const HEAD_BYTES = 65_536;

/** The header of an image file. Width and height are those after the EXIF orientation. */
export interface ImageHeader extends Size {
  readonly format: ImageFormat;
  /** By EXIF. From 5 on the stored pixels have width and height swapped. */
  readonly orientation: Orientation;
  /** Colour space in libvips' terms: `srgb`, `b-w`, `cmyk`, `grey16`, … */
  readonly space: string;
  /** Type of the samples in libvips' terms: `uchar`, `ushort`, `float`, … */
  readonly depth: string;
  readonly channels: number;
}

/** A validated image file: its header, and what its decoder needs. */
export interface ImageFile {
  readonly header: ImageHeader;
  /** The file, cut down to what the page needs. */
  readonly bytes: Uint8Array;
  /** Pages or frames of the file. */
  readonly pages: number;
  /** Returns sharp for the page, rotated by EXIF, its samples as stored. It can't read a BMP. */
  stored(options?: SharpOptions): Sharp;
}

/**
 * Reads the header of an image file, but no pixels. The first bytes determine the format before any decoder
 * reads the file.
 *
 * @param name of the image, for messages
 * @throws SamError `file-unreadable`, `image-empty`, `image-unreadable`
 *
 * @example
 * const { width, height, format } = await readImageHeader("examples/still-life.jpg");
 * console.log(width, height, format); // 1200 800 jpeg
 */
export async function readImageHeader(source: ImageSource, name = nameOfImage(source)): Promise<ImageHeader> {
  if (!(source instanceof Uint8Array)) {
    const head = await readImageHead(source, name, HEAD_BYTES);
    if (head.length < HEAD_BYTES || HEADER_FIRST.has(formatOf(head, name))) {
      const header = await headerOf(cutDown(head, name, 0), name).catch((error: unknown) => error);
      if (!(header instanceof Error)) return header as ImageHeader;
    }
  }
  return headerOf(cutDown(await readImageBytes(source, name), name, 0), name);
}

/**
 * Validates an image file's first bytes, header and size, before anything decodes its pixels.
 *
 * @param page counted from 1
 * @throws SamError `file-unreadable`, `image-empty`, `image-unreadable`, `image-too-large`, `option-invalid`
 *   for a page that is not there, `aborted`
 */
export async function openImageFile(
  source: ImageSource,
  { maxPixels = DEFAULT_MAX_PIXELS, signal, name = nameOfImage(source) }: ReadImageOptions = {},
  page = 1,
): Promise<ImageFile> {
  if (!(source instanceof Uint8Array) && (await isRegularFile(source)))
    formatOf(await readImageHead(source, name, SIGNATURE_BYTES), name); // what is none isn't read to its end
  const bytes = await readImageBytes(source, name, signal);
  throwIfAborted(signal);
  const pages = countPages(bytes, formatOf(bytes, name));
  checkPage(page, pages, name);
  const file = cutDown(bytes, name, page - 1);
  const header = await headerOf(file, name);
  checkImageSize(header, name, maxPixels);
  checkSampleBytes(header, name, maxPixels);
  const sharp = await loadSharp();
  return {
    header,
    bytes: file.bytes,
    pages,
    stored: (options) =>
      sharp(file.bytes, { ...UNLIMITED, ...frameOf(file), failOn: "error", ...options }).autoOrient(),
  };
}

/** Sizes and channels are limited by us: sharp's messages would name neither file nor value. */
const UNLIMITED = { limitInputPixels: false, limitInputChannels: 0 } as const;

function checkPage(page: number, pages: number, name: string): void {
  if (Number.isInteger(page) && page >= 1 && page <= pages) return;
  throw new SamError(
    "option-invalid",
    `${name} has no page ${page}: its pages are 1${pages > 1 ? ` to ${pages}` : ""}.`,
  );
}

/** A pipe can be read once only. */
async function isRegularFile(path: string | URL): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

interface CutFile {
  readonly format: ImageFormat;
  readonly bytes: Uint8Array;
  /** Index of the page. */
  readonly page: number;
}

function cutDown(bytes: Uint8Array, name: string, page: number): CutFile {
  const format = formatOf(bytes, name);
  return { format, bytes: cutToPage(bytes, format, page), page };
}

/** Frames of an animation are not cut out of the file. */
function frameOf({ format, page }: CutFile): { readonly page?: number } {
  return page > 0 && format !== "tiff" ? { page } : {};
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

async function headerOf(file: CutFile, name: string): Promise<ImageHeader> {
  const { format, bytes } = file;
  if (format === "png" && isWithoutPixels(bytes))
    throw new SamError("image-empty", `${name} is a PNG without pixels; give another image.`);
  if (format === "bmp")
    return { ...bmpSize(bytes, name), format, orientation: 1, space: "srgb", depth: "uchar", channels: 4 };
  const { autoOrient, orientation = 1, space, depth, channels, ...found } = await metadataOf(file, name);
  const isHeic = found.format === "heif" && found.compression !== "av1";
  if (isHeic)
    throw new SamError(
      "image-unreadable",
      `${name} is HEIC, which is not supported; convert it to JPEG or PNG first (supported are ${FORMAT_NAMES}).`,
    );
  const { width, height } = autoOrient;
  return { format, width, height, orientation: orientation as Orientation, space, depth, channels };
}

async function metadataOf(file: CutFile, name: string): Promise<Metadata> {
  const sharp = await loadSharp();
  try {
    return await sharp(file.bytes, { ...UNLIMITED, ...frameOf(file) }).metadata();
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
