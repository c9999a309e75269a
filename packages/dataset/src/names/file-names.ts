import { DatasetError } from "../errors.js";

const maxLength = 1024;

/**
 * Checks a file name from a data set before it is joined to a folder: relative, with `/` between folders,
 * without `.` and `..` parts, backslashes, drive letters or control characters. So no data set can name a
 * file outside its folder.
 *
 * @param where what to call the place of the name in an error message
 * @returns the name
 * @throws DatasetError `name-unsafe`
 *
 * @example
 * console.log(checkFileName("folder/a.jpg", "images[0]")); // folder/a.jpg
 */
export function checkFileName(name: string, where: string): string {
  const reason = reasonAgainst(name);
  if (reason === undefined) return name;
  throw new DatasetError(
    "name-unsafe",
    `${where}: the file name ${JSON.stringify(name.slice(0, 200))} ${reason}; only names inside the data set's folder are accepted.`,
  );
}

function reasonAgainst(name: string): string | undefined {
  if (name.length === 0) return "is empty";
  if (name.length > maxLength) return `is longer than ${maxLength} characters`;
  if (name.startsWith("/") || /^[a-z]:/i.test(name)) return "is absolute";
  if (name.includes("\\")) return "has a backslash";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) return "has a control character";
  if (name.split("/").some((part) => part === ".." || part === "." || part === ""))
    return 'has an empty, "." or ".." part';
  return undefined;
}

/**
 * The name without its last extension: `a/b.c.jpg` → `a/b.c`.
 *
 * @example
 * console.log(stemOf("folder/a.tar.gz")); // folder/a.tar
 */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > name.lastIndexOf("/") + 1 ? name.slice(0, dot) : name;
}

/** The last part of a name: `a/b.jpg` → `b.jpg`. */
export function baseNameOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/**
 * Whether the name ends like that of an image file that `readImage` reads.
 *
 * @example
 * console.log(isImageName("a.jpg"), isImageName("a.json")); // true false
 */
export function isImageName(name: string): boolean {
  return /\.(jpe?g|jpe|jfif|png|webp|bmp|dib|gif|tiff?|avif)$/i.test(name);
}

/**
 * Whether the name ends like that of an image file of a format that isn't read.
 *
 * @example
 * console.log(isUnreadImageName("a.heic"), isUnreadImageName("a.jpg")); // true false
 */
export function isUnreadImageName(name: string): boolean {
  return /\.(hei[cf]|jxl|jp2|j2k|svgz?|psd|ico|exr|hdr|dcm|dng|nef|cr[23w]|arw|orf|raf|rw2|pgm|ppm|pbm|tga)$/i.test(
    name,
  );
}
