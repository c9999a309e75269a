/** Detects file formats by their first bytes, before any decoder reads the file. */

/** Supported formats. */
export type ImageFormat = "jpeg" | "png" | "webp" | "tiff" | "avif" | "gif" | "bmp";

/** Number of first bytes that `sniffImage` needs. */
export const SIGNATURE_BYTES = 512;

/** A detected format. */
export interface SniffedImage {
  /** Missing if the format is not supported. */
  readonly format?: ImageFormat;
  /** For messages: "PNG", "SVG", "of an unknown format". */
  readonly kind: string;
}

/** First bytes in hexadecimal; two dots match any byte. */
const READ: readonly (readonly [ImageFormat, string])[] = [
  ["jpeg", "ffd8ff"],
  ["png", "89504e470d0a1a0a"],
  ["webp", "52494646........57454250"],
  ["tiff", "49492a00"],
  ["tiff", "4d4d002a"],
  ["tiff", "49492b00"],
  ["tiff", "4d4d002b"],
  ["gif", "474946383761"],
  ["gif", "474946383961"],
  ["bmp", "424d"],
];

/** Known but unsupported formats, for messages that say what to convert. */
const NOT_READ: readonly (readonly [kind: string, string])[] = [
  ["JPEG XL", "ff0a"],
  ["JPEG XL", "0000000c4a584c20"],
  ["JPEG 2000", "0000000c6a502020"],
  ["PDF", "25504446"],
  ["Photoshop's PSD", "38425053"],
  ["OpenEXR", "762f3101"],
  ["an icon (ICO)", "00000100"],
  ["DICOM", `${"..".repeat(128)}4449434d`],
  ["compressed by gzip", "1f8b"],
  ["a ZIP archive", "504b0304"],
];

/** AVIF's brands; other brands of its container are HEIC, videos and more. */
const AVIF_BRANDS: ReadonlySet<string> = new Set(["avif", "avis"]);
const NEUTRAL_BRANDS: ReadonlySet<string> = new Set(["mif1", "msf1", "miaf"]);

/**
 * Detects a format by the first bytes of a file; file names and media types are not trusted.
 *
 * @param head at least `SIGNATURE_BYTES`, or all of a smaller file
 *
 * @example
 * console.log(sniffImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)).format); // jpeg
 */
export function sniffImage(head: Uint8Array): SniffedImage {
  const read = READ.find(([, signature]) => matches(head, signature));
  if (read) return { format: read[0], kind: read[0].toUpperCase() };
  if (latin1(head, 4, 8) === "ftyp") return sniffContainer(head);
  const known = NOT_READ.find(([, signature]) => matches(head, signature));
  return { kind: known?.[0] ?? kindOfText(head) };
}

/**
 * Reads the file type box of ISO base media: its length, "ftyp", the major brand, a version, and compatible
 * brands.
 */
function sniffContainer(head: Uint8Array): SniffedImage {
  const end = Math.min(head.length, Number.parseInt(hex(head, 0, 4), 16));
  const major = latin1(head, 8, 12);
  const brands = [major];
  if (NEUTRAL_BRANDS.has(major))
    for (let at = 16; at + 4 <= end; at += 4) brands.push(latin1(head, at, at + 4));
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return { format: "avif", kind: "AVIF" };
  return { kind: /^(he[ivms]|mi[fa]|msf)/.test(major) ? "HEIC" : "a video or other media file" };
}

/**
 * Detects text formats that are used for images; a byte order mark, comments and declarations may precede the
 * root.
 */
function kindOfText(head: Uint8Array): string {
  const text = latin1(head, 0, SIGNATURE_BYTES).replaceAll("\0", ""); // UTF-16 too
  if (/<svg[\s>:/]|<!doctype svg/i.test(text)) return "SVG";
  if (/^[^<]{0,9}<(!doctype )?html/i.test(text)) return "HTML";
  return /^[^<]{0,9}<[?!]/.test(text) ? "XML or SVG" : "of an unknown format";
}

function matches(head: Uint8Array, signature: string): boolean {
  return new RegExp(`^${signature}`).test(hex(head, 0, signature.length / 2));
}

function hex(bytes: Uint8Array, start: number, end: number): string {
  return [...bytes.subarray(start, end)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
