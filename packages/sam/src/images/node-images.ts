/** Reading image files on Node, through sharp (libvips). */
import { type RgbaImage, SamError, throwIfAborted } from "@segany/masks";
import type { Sharp } from "sharp";
import { cmykToRgb } from "./cmyk-to-rgb.js";
import type { ReadImageOptions } from "./image-limits.js";
import { type ImageSource, nameOfImage } from "./node-image-bytes.js";
import { detailOf, type ImageHeader, type OpenedImage, openImage } from "./node-image-header.js";
import { loadSharp } from "./node-sharp.js";

/** sharp's names of the formats that are read. */
const READABLE_FORMATS: readonly string[] = ["jpeg", "png", "webp", "tiff", "heif", "gif"];
/** Samples with a known range; a 32-bit or floating-point file doesn't say which of its values is white. */
const READABLE_DEPTHS: readonly string[] = ["uchar", "ushort"];

/**
 * Reads an image file: JPEG, PNG, WebP, TIFF, AVIF, and the first frame of a GIF or first page of a TIFF. The first
 * bytes decide which of these it is; a file that begins otherwise reaches no decoder.
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
  source: ImageSource,
  { maxPixels, signal, name = nameOfImage(source) }: ReadImageOptions = {},
): Promise<RgbaImage<ArrayBuffer>> {
  throwIfAborted(signal);
  const image = await untilAborted(() => openImage(source, { maxPixels, signal, name }), signal);
  checkDepth(image.header, name);
  return untilAborted(() => decode(image, name), signal);
}

/** The formats that `readImage` reads and that this build of libvips brings along, by sharp's names. */
export async function readableImageFormats(): Promise<string[]> {
  const { format } = await loadSharp();
  const there = format as unknown as Readonly<Record<string, { input: { buffer: boolean } } | undefined>>;
  return READABLE_FORMATS.filter((name) => there[name]?.input.buffer);
}

function checkDepth({ depth }: ImageHeader, name: string): void {
  if (READABLE_DEPTHS.includes(depth)) return;
  throw new SamError(
    "image-unreadable",
    `${name} has samples of type ${depth}, whose range is unknown; convert it to 8 or 16 bits a sample first.`,
  );
}

async function decode({ header, pixels }: OpenedImage, name: string): Promise<RgbaImage<ArrayBuffer>> {
  // Warnings of a decoder are let pass as Pillow does; a truncated file is not.
  const image = pixels({ ignoreIcc: true });
  try {
    return header.space === "cmyk" ? await decodeCmyk(image, header) : await decodeRgba(image);
  } catch (cause) {
    throw new SamError(
      "image-unreadable",
      `${name} is damaged or cut off and can't be decoded (${detailOf(cause)}). Get a whole copy, or save it anew with an image program.`,
      { cause },
    );
  }
}

async function decodeRgba(image: Sharp): Promise<RgbaImage<ArrayBuffer>> {
  const { data, info } = await image
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return { width, height, data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length) };
}

/** Asks for the inks themselves: libvips would print them through a profile of its own. */
async function decodeCmyk(image: Sharp, { depth }: ImageHeader): Promise<RgbaImage<ArrayBuffer>> {
  const wide = depth === "ushort";
  const { data, info } = await image
    .pipelineColourspace("cmyk")
    .toColourspace("cmyk")
    .raw({ depth: wide ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const inks = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return cmykToRgb(inks, info, info.channels, wide ? 65535 : 255);
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
