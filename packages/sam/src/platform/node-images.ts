/** Reading image files on Node, through sharp (libvips). */
import { readFile } from "node:fs/promises";
import type { Metadata, Sharp } from "sharp";
import { SamError, throwIfAborted } from "../errors.js";
import { cmykToRgb } from "../transforms/cmyk-to-rgb.js";
import type { RgbaImage } from "../transforms/types.js";
import { checkImageSize, DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./image-limits.js";
import { loadSharp } from "./node-sharp.js";

const READABLE_FORMATS: readonly string[] = ["jpeg", "png", "webp", "tiff", "heif", "gif"];
const FORMAT_NAMES = "JPEG, PNG, WebP, TIFF, AVIF and GIF";
/** Samples with a known range; a 32-bit or floating-point file doesn't say which of its values is white. */
const READABLE_DEPTHS: readonly string[] = ["uchar", "ushort"];

/**
 * Reads an image file: JPEG, PNG, WebP, TIFF, AVIF, and the first frame of a GIF or first page of a TIFF.
 *
 * The colours are those of Pillow's `Image.open(file).convert("RGB")`, on which Meta's models were trained and
 * tested: colour profiles are ignored, grey and palettes become RGB, CMYK goes the plain way (inverted Adobe files
 * included). Alpha is kept beside the colours and changes none of them. What differs from Pillow, on purpose:
 * - the EXIF orientation is applied, so that the image is as its viewer sees it;
 * - 16-bit grey is scaled to 8 bits by its high byte, as Pillow does for 16-bit RGB; Pillow clips grey at 255, which
 *   leaves a white image;
 * - transparent pixels of a GIF are black, where Pillow shows the palette's colour for them;
 * - samples of 32 bits or floating point are refused; Pillow clips them to 0..255.
 *
 * @param source a path, or the bytes of a file
 * @throws SamError `file-unreadable` (no such file, not allowed), `image-empty` (no bytes, no pixels),
 *   `image-unreadable` (not an image, damaged, another format), `image-too-large`, `aborted`
 */
export async function readImage(
  source: string | URL | Uint8Array,
  { maxPixels = DEFAULT_MAX_PIXELS, signal }: ReadImageOptions = {},
): Promise<RgbaImage> {
  throwIfAborted(signal);
  const name = source instanceof Uint8Array ? `The image of ${source.length} bytes` : `"${source}"`;
  const bytes = source instanceof Uint8Array ? source : await readBytes(source, name, signal);
  if (bytes.length === 0)
    throw new SamError("image-empty", `${name} is empty (0 bytes); give a whole image file.`);
  if (isPngWithoutPixels(bytes))
    throw new SamError("image-empty", `${name} is a PNG without pixels; give another image.`);
  const metadata = await untilAborted(() => readMetadata(bytes, name), signal);
  checkReadable(metadata, name);
  checkImageSize(metadata, name, maxPixels);
  return untilAborted(() => decode(bytes, metadata, name), signal);
}

/** The formats that `readImage` reads and that this build of libvips brings along, by sharp's names. */
export async function readableImageFormats(): Promise<string[]> {
  const { format } = await loadSharp();
  const there = format as unknown as Readonly<Record<string, { input: { buffer: boolean } } | undefined>>;
  return READABLE_FORMATS.filter((name) => there[name]?.input.buffer);
}

async function readBytes(
  path: string | URL,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    return await readFile(path, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    throw new SamError("file-unreadable", `${name} can't be read: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "there is no such file; check the path.";
    case "EISDIR":
      return "it is a folder; name an image file in it.";
    case "EACCES":
    case "EPERM":
      return "permission is missing; check who may read it.";
    case "ERR_FS_FILE_TOO_LARGE":
      return "it is larger than 2 GiB; save it compressed or smaller.";
    default:
      return `${message}.`;
  }
}

/** libpng calls such a file corrupt; it isn't, it is empty. Width and height follow the signature and the chunk's head. */
function isPngWithoutPixels(bytes: Uint8Array): boolean {
  if (bytes.length < 24 || bytes[0] !== 0x89 || bytes[1] !== 0x50 || bytes[2] !== 0x4e || bytes[3] !== 0x47)
    return false;
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  return header.getUint32(16) === 0 || header.getUint32(20) === 0;
}

/** Reads the header alone. The limit of pixels is ours: sharp's own message names neither file nor size. */
async function readMetadata(bytes: Uint8Array, name: string): Promise<Metadata> {
  try {
    const sharp = await loadSharp();
    return await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw new SamError(
      "image-unreadable",
      `${name} is not an image that can be read (${detailOf(cause)}). Give a whole file; read are ${FORMAT_NAMES}.`,
      { cause },
    );
  }
}

function checkReadable({ format, compression, depth }: Metadata, name: string): void {
  const isHeic = format === "heif" && compression !== "av1";
  if (isHeic || !READABLE_FORMATS.includes(format)) {
    throw new SamError(
      "image-unreadable",
      `${name} is ${isHeic ? "HEIC" : format.toUpperCase()}, which is not supported; convert it to JPEG or PNG first (read are ${FORMAT_NAMES}).`,
    );
  }
  if (!READABLE_DEPTHS.includes(depth)) {
    throw new SamError(
      "image-unreadable",
      `${name} has samples of type ${depth}, whose range is unknown; convert it to 8 or 16 bits a sample first.`,
    );
  }
}

async function decode(bytes: Uint8Array, metadata: Metadata, name: string): Promise<RgbaImage> {
  // Warnings of a decoder are let pass as Pillow does; a truncated file is not.
  const sharp = await loadSharp();
  const image = sharp(bytes, { limitInputPixels: false, ignoreIcc: true, failOn: "error" }).autoOrient();
  try {
    return metadata.space === "cmyk" ? await decodeCmyk(image, metadata) : await decodeRgba(image);
  } catch (cause) {
    throw new SamError(
      "image-unreadable",
      `${name} is damaged or cut off and can't be decoded (${detailOf(cause)}). Get a whole copy, or save it anew with an image program.`,
      { cause },
    );
  }
}

async function decodeRgba(image: Sharp): Promise<RgbaImage> {
  const { data, info } = await image
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length) };
}

/** Asks for the inks themselves: libvips would print them through a profile of its own. */
async function decodeCmyk(image: Sharp, { depth }: Metadata): Promise<RgbaImage> {
  const wide = depth === "ushort";
  const { data, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: wide ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const inks = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return cmykToRgb(inks, info, info.channels, wide ? 65535 : 255);
}

/** The first line of what libvips says, without the full stop. */
function detailOf(error: unknown): string {
  const [line = ""] = (error as Error).message.split("\n");
  return line.replace(/[.:\s]+$/, "");
}

/** Gives up waiting when the signal fires. A decoder can't be stopped: it ends by itself and its result is dropped. */
async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal);
  if (!signal) return work();
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return (await Promise.race([work(), aborted.then(() => throwIfAborted(signal))])) as T;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
