/** Reads image files on Node, with sharp (libvips). */
import { type RgbaImage, SamError, throwIfAborted } from "@segany/masks";
import type { Sharp, SharpOptions } from "sharp";
import { cmykToRgb } from "./cmyk-to-rgb.js";
import type { ReadImageOptions } from "./image-limits.js";
import { checkIntensity, type Intensity, type SampleSelection, toRgbaImage } from "./intensity.js";
import { decodeBmp } from "./node-bmp.js";
import { type ImageSource, nameOfImage } from "./node-image-bytes.js";
import { detailOf, type ImageFile, type ImageHeader, openImageFile } from "./node-image-header.js";
import { hasKnownRange, readPixelSamples } from "./node-samples.js";
import { loadSharp } from "./node-sharp.js";

/** sharp's names of the formats that it reads for us. */
const SHARP_FORMATS: readonly string[] = ["jpeg", "png", "webp", "tiff", "heif", "gif"];

/** Options of `readImage` on Node. */
export interface ReadImageFileOptions extends ReadImageOptions {
  /** How samples become 8 bits; default is `auto`. */
  readonly intensity?: Intensity | undefined;
  /**
   * Bands for grey (one) or red, green and blue (three), counted from 1 as GDAL counts them. By default the
   * colours of the image, or the first three bands of one that has no colours.
   */
  readonly bands?: readonly number[] | undefined;
  /** Page of a TIFF or frame of an animation, counted from 1; default is 1. */
  readonly page?: number | undefined;
  /** Is told what was left out or scaled: other pages, other bands, a narrow range. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/** An image file that is not decoded yet. */
export interface OpenedImage {
  readonly header: ImageHeader;
  /** Decodes the image. @throws SamError `image-unreadable` */
  read(): Promise<RgbaImage<ArrayBuffer>>;
  /**
   * Returns sharp for the same pixels, to scale or encode them. It throws sharp's own errors when it decodes.
   *
   * @throws SamError `image-unreadable` for samples that are not 8 bits
   */
  pixels(options?: Pick<SharpOptions, "ignoreIcc" | "sequentialRead">): Promise<Sharp>;
}

/**
 * Reads an image file: JPEG, PNG, WebP, TIFF, AVIF, BMP and GIF. The first bytes determine the format; no
 * decoder reads a file of another format. One page or frame is read, the first if `page` says nothing else.
 *
 * Colours are those of Pillow's `Image.open(file).convert("RGB")`, which Meta's models were trained and
 * tested with: colour profiles are ignored, grey and palettes become RGB, CMYK is converted without a profile
 * (inverted Adobe files included). Alpha is returned beside the colours and does not change them. Intentional
 * differences from Pillow:
 * - the EXIF orientation is applied, so that the image is as displayed;
 * - 16-bit samples that use less than half of their range are scaled to all of it, others by their high byte
 *   ({@link Intensity}); Pillow clips grey at 255, which results in a white image;
 * - an image of many bands is shown by three of them;
 * - transparent pixels of a GIF are black, where Pillow returns the palette's colour;
 * - samples of 32 bits or floating point need percentiles for `intensity`; Pillow clips them to 0..255.
 *
 * @param source a path, or the bytes of a file
 * @throws SamError `file-unreadable` (no such file, permission denied), `image-empty` (no bytes, no pixels),
 *   `image-unreadable` (not an image, damaged, unsupported), `image-too-large`, `option-invalid`, `aborted`
 *
 * @example
 * const image = await readImage("examples/still-life.jpg");
 * console.log(image.width, image.height, image.data.length); // 1200 800 3840000
 */
export async function readImage(
  source: ImageSource,
  options: ReadImageFileOptions = {},
): Promise<RgbaImage<ArrayBuffer>> {
  const { signal } = options;
  throwIfAborted(signal);
  return untilAborted(async () => (await openImage(source, options)).read(), signal);
}

/**
 * Validates an image file and returns what decodes it, in whole or scaled down.
 *
 * @throws SamError as {@link readImage}
 *
 * @example
 * const { header, read } = await openImage("examples/still-life.jpg");
 * const image = header.width < 5000 ? await read() : undefined;
 * console.log(image?.height); // 800
 */
export async function openImage(
  source: ImageSource,
  options: ReadImageFileOptions = {},
): Promise<OpenedImage> {
  const { name = nameOfImage(source), intensity = "auto", page } = options;
  checkIntensity(intensity);
  const file = await openImageFile(source, options, page);
  const { header, pages } = file;
  checkRange(header, intensity, name);
  const conversion = conversionOf(header, { ...options, intensity }, name);
  if (pages > 1 && page === undefined)
    options.onNotice?.(`${name} has ${pages} pages or frames; the first is read.`);
  const read = () => decoding(() => decode(file, conversion, { ...options, name }), name);
  return {
    header,
    read,
    async pixels(sharpOptions) {
      if (header.format !== "bmp" && !conversion) return file.stored(sharpOptions);
      const { width, height, data } = await read();
      const sharp = await loadSharp();
      return sharp(data, { raw: { width, height, channels: 4 }, limitInputPixels: false });
    },
  };
}

/**
 * The formats that `readImage` supports with this build of libvips, by sharp's names.
 *
 * @example
 * console.log((await readableImageFormats()).includes("png")); // true
 */
export async function readableImageFormats(): Promise<string[]> {
  const { format } = await loadSharp();
  const there = format as unknown as Readonly<Record<string, { input: { buffer: boolean } } | undefined>>;
  return [...SHARP_FORMATS.filter((name) => there[name]?.input.buffer), "bmp"];
}

/** In 32-bit or floating-point files the value of white is unknown. */
function checkRange(header: ImageHeader, intensity: Intensity, name: string): void {
  if (hasKnownRange(header) || Array.isArray(intensity)) return;
  throw new SamError(
    "image-unreadable",
    `${name} has samples of type ${header.depth}, whose range is unknown; give two percentiles as the intensity (such as 0,100), or convert it to 8 or 16 bits per sample.`,
  );
}

/** Whether the colours are stored as red, green and blue, or as grey; others are converted first. */
function colourKind({ space, format }: ImageHeader): "grey" | "rgb" | "converted" {
  if (format === "bmp") return "converted";
  if (space === "b-w" || space === "grey16") return "grey";
  return /^(srgb|rgb|rgb16|scrgb)$/.test(space) ? "rgb" : "converted";
}

/** Which bands become colours; undefined where the decoder's conversion is Pillow's. */
function conversionOf(
  header: ImageHeader,
  { bands, intensity }: { readonly bands?: readonly number[] | undefined; readonly intensity: Intensity },
  name: string,
): SampleSelection | undefined {
  const { depth, channels } = header;
  const kind = colourKind(header);
  if (bands) return { intensity, colours: checkedBands(bands, kind === "converted" ? 3 : channels, name) };
  const usual = kind === "converted" || (depth === "uchar" && channels <= (kind === "rgb" ? 4 : 2));
  if (usual && !Array.isArray(intensity)) return undefined;
  const count = kind === "grey" && channels <= 2 ? 1 : 3;
  const hasAlpha = kind === "converted" || (channels === count + 1 && (kind === "rgb" || count === 1));
  return { intensity, colours: [...Array(count).keys()], ...(hasAlpha && { alpha: count }) };
}

function checkedBands(bands: readonly number[], channels: number, name: string): number[] {
  const wrong = bands.find((band) => !(Number.isInteger(band) && band >= 1 && band <= channels));
  if (wrong !== undefined)
    throw new SamError(
      "option-invalid",
      `${name} has no band ${wrong}: its bands are 1${channels > 1 ? ` to ${channels}` : ""}.`,
    );
  if (bands.length !== 1 && bands.length !== 3)
    throw new SamError("option-invalid", `Select one band or three, not ${bands.length}.`);
  return bands.map((band) => band - 1);
}

async function decode(
  file: ImageFile,
  conversion: SampleSelection | undefined,
  { name, onNotice, bands }: ReadImageFileOptions & { readonly name: string },
): Promise<RgbaImage<ArrayBuffer>> {
  if (!conversion) return decodeColours(file);
  const samples =
    colourKind(file.header) === "converted"
      ? { ...(await decodeColours(file)), bands: 4 }
      : await readPixelSamples(file, name);
  const { image, range } = toRgbaImage(samples, conversion);
  const { colours, alpha, intensity } = conversion;
  if (!bands && samples.bands > colours.length + (alpha === undefined ? 0 : 1))
    onNotice?.(
      `${name} has ${samples.bands} bands; ${colours.map((band) => band + 1).join(", ")} are read as red, green and blue.`,
    );
  if (range && intensity === "auto")
    onNotice?.(
      `${name} has 16-bit samples from ${range.low} to ${range.high} only; they are scaled to 0..255 (intensity "full" does not).`,
    );
  return image;
}

/** Decodes to 8 bits, by the decoder's own conversion. */
async function decodeColours({ header, bytes, stored }: ImageFile): Promise<RgbaImage<ArrayBuffer>> {
  if (header.format === "bmp") return decodeBmp(bytes);
  // Warnings of a decoder are ignored, like in Pillow; a truncated file is an error.
  const image = stored({ ignoreIcc: true });
  return header.space === "cmyk" ? decodeCmyk(image, header) : decodeRgba(image);
}

/** Errors of a decoder name the file. */
async function decoding<T>(work: () => Promise<T>, name: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SamError) throw cause;
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
