/** Lists of the images of parts, as Darknet and Ultralytics take them instead of folders. */
import { join } from "node:path";
import { readTextFile } from "../../files/read-text.js";
import { stemOf } from "../../names/file-names.js";
import { createNameMatcher } from "../../names/match-names.js";
import type { OnReadLoss } from "../../read-losses.js";
import { linesOf } from "../../text/decode-text.js";

/** An image of the set. */
interface ListedImage {
  /** Relative to the data set's folder. */
  readonly imagePath: string;
  readonly fileName: string;
}

const partList = /^(train|val|valid|test)\.txt$/i;

/**
 * Puts images into the parts that lists name, unless their folders are the parts. Lists that leave an image
 * out, or have one twice, are told as a loss, and names stay.
 *
 * @param texts names of the set's text files
 */
export async function inListedParts<Image extends ListedImage>(
  path: string,
  images: readonly Image[],
  texts: readonly string[],
  { encoding, onLoss }: { readonly encoding?: string | undefined; readonly onLoss?: OnReadLoss | undefined },
): Promise<readonly Image[]> {
  const lists = texts.filter((name) => partList.test(name));
  if (lists.length < 2) return images;
  const find = finderOf(images.map(({ imagePath }) => imagePath));
  const parts = new Map<string, Set<string>>();
  for (const list of lists)
    for (const line of linesOf(await readTextFile(join(path, list), encoding))) {
      const name = find(line);
      if (name !== undefined) parts.set(name, (parts.get(name) ?? new Set()).add(stemOf(list)));
    }
  if (images.some(({ imagePath }) => parts.get(imagePath)?.size !== 1)) {
    for (const list of lists) onLoss?.("partLists", join(path, list));
    return images;
  }
  return images.map((image) => ({
    ...image,
    fileName: inPart(image.fileName, [...parts.get(image.imagePath)!][0]!),
  }));
}

/** Finds an image by a line, which may begin in a folder above the set. */
function finderOf(names: readonly string[]): (line: string) => string | undefined {
  const matcher = createNameMatcher(names);
  return (line) => (matcher.find(line) ?? matcher.find(`/${line}`))?.name;
}

/** The name in the folder of its part, in the place of the folder that Darknet's images are in. */
function inPart(fileName: string, part: string): string {
  const [folder, ...rest] = fileName.split("/");
  if (rest.length === 0) return `${part}/${fileName}`;
  if (folder === part) return fileName;
  return /^(train|val|valid|test)$/.test(folder!) ? `${part}/${rest.join("/")}` : `${part}/${fileName}`;
}
