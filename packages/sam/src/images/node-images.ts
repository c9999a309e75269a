/** Reads image files on Node, with sharp (libvips). */
import { type RgbaImage, SamError, throwIfAborted } from "@segany/masks";
import type { Sharp } from "sharp";
import { cmykToRgb } from "./cmyk-to-rgb.js";
import type { ReadImageOptions } from "./image-limits.js";
import { type ImageSource, nameOfImage } from "./node-image-bytes.js";
import { detailOf, type ImageHeader, type OpenedImage, openImage } from "./node-image-header.js";
import { loadSharp } from "./node-sharp.js";

/** sharp's names of the supported formats. */
const READABLE_FORMATS: readonly string[] = ["jpeg", "png", "webp", "tiff", "heif", "gif"];
/** Samples with a known range; in 32-bit or floating-point files the value of white is unknown. */
const READABLE_DEPTHS: readonly string[] = ["uchar", "ushort"];

/**
 * Reads an image file: JPEG, PNG, WebP, TIFF, AVIF, and the first frame of a GIF or first page of a TIFF. The
 * first bytes determine the format; no decoder reads a file of another format.
 *
 * Colours are those of Pillow's `Image.open(file).convert("RGB")`, which Meta's models were trained and
 * tested with: colour profiles are ignored, grey and palettes become RGB, CMYK is converted without a profile
 * (inverted Adobe files included). Alpha is returned beside the colours and does not change them. Intentional
 * differences from Pillow:
 * - the EXIF orientation is applied, so that the image is as displayed;
 * - 16-bit grey is scaled to 8 bits by its high byte, as Pillow does for 16-bit RGB; Pillow clips grey at
 *   255, which results in a white image;
 * - transparent pixels of a GIF are black, where Pillow returns the palette's colour;
 * - samples of 32 bits or floating point are refused; Pillow clips them to 0..255.
 *
 * @param source a path, or the bytes of a file
 * @throws SamError `file-unreadable` (no such file, permission denied), `image-empty` (no bytes, no pixels),
 *   `image-unreadable` (not an image, damaged, unsupported), `image-too-large`, `aborted`
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

/** The formats that `readImage` supports with this build of libvips, by sharp's names. */
export async function readableImageFormats(): Promise<string[]> {
  const { format } = await loadSharp();
  const there = format as unknown as Readonly<Record<string, { input: { buffer: boolean } } | undefined>>;
  return READABLE_FORMATS.filter((name) => there[name]?.input.buffer);
}

function checkDepth({ depth }: ImageHeader, name: string): void {
  if (READABLE_DEPTHS.includes(depth)) return;
  throw new SamError(
    "image-unreadable",
    `${name} has samples of type ${depth}, whose range is unknown; convert it to 8 or 16 bits per sample first.`,
  );
}

async function decode({ header, pixels }: OpenedImage, name: string): Promise<RgbaImage<ArrayBuffer>> {
  // Warnings of a decoder are ignored, like in Pillow; a truncated file is an error.
  const image = pixels({ ignoreIcc: true });
  try {
    return header.space === "cmyk" ? await decodeCmyk(image, header) : await decodeRgba(image);
  } catch (cause) {
    throw new SamError(
      "image-unreadable",
      `${name} is damaged or truncated and can't be decoded (${detailOf(cause)}). Get a complete copy, or save it again with an image editor.`,
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

/** Reads the inks themselves: libvips would convert them with a profile of its own. */
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

/**
 * Stops waiting when the signal is aborted. A decoder can't be stopped: it finishes and its result is
 * dropped.
 */
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
