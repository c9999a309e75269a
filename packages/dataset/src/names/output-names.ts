/**
 * Names under which files are written: such as every file system takes, and none that means something else.
 */
import { DatasetError } from "../errors.js";
import { checkFileName, stemOf } from "./file-names.js";

/** The most bytes of a part of a path that we write; file systems take 255, and endings are added. */
const MAX_PART_BYTES = 200;

/** What Windows keeps for devices, with any ending. */
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*\\]/g;

/**
 * Makes each part of a relative path one that Windows, macOS and Linux take alike and that is no device, no
 * hidden file and no folder of a tool (`.git`): unsafe characters become `_`, a `_` goes before dots and
 * devices and replaces dots and spaces at the end, long parts are cut to 200 bytes.
 *
 * @example
 * console.log(safeFileName("a:b?.jpg")); // a_b_.jpg
 */
export function safeFileName(name: string): string {
  return name.normalize("NFC").split("/").map(safePart).join("/");
}

function safePart(part: string): string {
  const plain = part
    .replace(UNSAFE, "_")
    .replace(/[. ]+(?=$|\.[^. ]+$)/, "_") // also before the extension, since folders get the name without it
    .replace(/^\s+/, "_");
  const named = plain === "" || plain.startsWith(".") || DEVICE.test(plain) ? `_${plain}` : plain;
  return cutPart(named);
}

/** Keeps the extension, and tells parts that begin alike from each other by a checksum. */
function cutPart(part: string): string {
  if (bytesOf(part) <= MAX_PART_BYTES) return part;
  const stem = stemOf(part);
  const extension = part.slice(stem.length).slice(0, 16);
  const ending = `~${checksumOf(part)}${bytesOf(extension) <= 32 ? extension : ""}`;
  let kept = "";
  for (const character of stem) {
    if (bytesOf(kept + character + ending) > MAX_PART_BYTES) break;
    kept += character;
  }
  return kept + ending;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** FNV-1a, 32 bits. */
function checksumOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/**
 * What two names have in common that some file system takes for one: capitals, and how accents are written.
 *
 * @example
 * console.log(nameKey("Photo.JPG") === nameKey("photo.jpg")); // true
 */
export function nameKey(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC");
}

/** A file that is written under another name than the data set has for it. */
export interface RenamedFile {
  readonly from: string;
  readonly to: string;
}

/** Decides how the images of an output are called. */
export interface OutputNames {
  /**
   * The name to write an image under: its own, or one like it where its own isn't safe or is one of ours.
   *
   * @param where what to call the image in an error message
   * @throws DatasetError `name-unsafe` for a name that leads out of the folder, `dataset-invalid` for one
   * that another image has too, as far as file systems tell
   */
  take(fileName: string, where: string): string;
  /** The first so many; `renamedCount` counts all. */
  readonly renamed: readonly RenamedFile[];
  readonly renamedCount: number;
}

const MAX_RENAMED = 1000;

/**
 * Begins the names of an output.
 *
 * @param byStem whether files of masks have the images' names without their extension, so that these must
 * differ too
 * @param isOurs which names are those of files that the format itself writes beside the images
 */
export function createOutputNames({
  byStem,
  isOurs = () => false,
}: {
  readonly byStem: boolean;
  readonly isOurs?: ((name: string) => boolean) | undefined;
}): OutputNames {
  /** What is taken, with the name of whose it is; `undefined` when that was renamed itself. */
  const taken = new Map<string, string | undefined>();
  const keyOf = (name: string): string => nameKey(byStem ? stemOf(name) : name);
  const renamed: RenamedFile[] = [];
  let renamedCount = 0;
  return {
    renamed,
    get renamedCount() {
      return renamedCount;
    },
    take(fileName, where) {
      let name = safeFileName(checkFileName(fileName, where));
      if (isOurs(name)) name = `${name}_image`;
      const isMoved = name !== fileName;
      while (taken.has(keyOf(name))) {
        const other = taken.get(keyOf(name));
        if (other !== undefined && !isMoved) throw sameName(other, fileName, byStem);
        name = withLastPart(name, (part) => `_${part}`);
      }
      taken.set(keyOf(name), name === fileName ? fileName : undefined);
      if (name === fileName) return name;
      renamedCount++;
      if (renamed.length < MAX_RENAMED) renamed.push({ from: fileName, to: name });
      return name;
    },
  };
}

function withLastPart(name: string, change: (part: string) => string): string {
  const at = name.lastIndexOf("/") + 1;
  return name.slice(0, at) + change(name.slice(at));
}

/** The error for two images whose files would be one. */
export function sameName(first: string, second: string, byStem: boolean): DatasetError {
  const differ =
    first === second
      ? "has the same name as another image"
      : `and "${first}" differ only in ${byStem ? "their extension, in " : ""}capitals or accents`;
  return new DatasetError(
    "dataset-invalid",
    `The image "${second}" ${differ}, so that their files can't be told apart; rename one.`,
  );
}
