import { basename, dirname, join } from "node:path";
import { throwIfAborted } from "../../errors.js";
import { listFiles } from "../../files/folder-files.js";
import { createImageFinder, type ImageFinder } from "../../files/image-finder.js";
import { readTextFile } from "../../files/read-text.js";
import type { Sight } from "../../files/sight.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import type { Dataset } from "../../record.js";
import type { Detection, ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { type ClassNumbers, createClassNumbers, noSuchFile, openToolImage } from "../node-tool-dataset.js";
import { classOfDota, dotaLine, dotaLines, parseDotaLines } from "./dota.js";

/** Folders of labels: DOTA's own, by version, and MMRotate's. */
const LABEL = /(?:^|\/)(?:labelTxt[^/]*|annfiles)\/[^/]+\.txt$/i;

/** DOTA: `images/` and `labelTxt/`, in the set itself or in folders of parts; MMRotate's `annfiles/`. */
export const dotaFormat: ReadableFormat = {
  name: "dota",
  title: "DOTA: images/ with labelTxt/ (or MMRotate's annfiles/), four corners and a class a line",
  detect,
  read,
};

async function detect(sight: Sight): Promise<Detection> {
  const labels = sight.files.filter((name) => LABEL.test(name));
  for (const name of labels.slice(0, 20)) if (dotaLine.test(await sight.head(name))) return true;
  return labels.length > 0
    ? `its ${labels[0]} has no line of eight numbers and a class, and neither have the next`
    : false;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, encoding, images } = options;
  const entries = await listFiles(path, (name) => LABEL.test(name));
  if (entries.length === 0) throw noSuchFile(path, "folder labelTxt or annfiles with labels");
  const classes = createClassNumbers();
  await collectClasses(path, entries, classes, options);
  if (images === undefined) await tellUnclaimed(path, entries, options);
  const finders = new Map<string, ImageFinder>();
  /** Images are beside the folder of labels, or beside a folder that has the labels alone. */
  const finderOf = (part: string): ImageFinder => {
    const roots = [part, dirname(part)].map((root) => join(path, root));
    const folders = images === undefined ? roots.flatMap((root) => [join(root, "images"), root]) : [images];
    const finder = finders.get(part) ?? createImageFinder(folders, { anyFolder: true });
    finders.set(part, finder);
    return finder;
  };
  return perImageDataset({
    path,
    format: "dota",
    categories: classes.categories,
    entries,
    signal,
    nameOf: (label) => join(path, label),
    async readRecord(label, id, takers) {
      const file = join(path, label);
      const part = partOf(label);
      const name = stemOf(basename(label));
      const image = await openToolImage({ id, name, isStem: true }, finderOf(part), file, takers);
      const lines = dotaLines(await readTextFile(file, encoding));
      const fileName = part === "" ? image.fileName : `${part}/${basename(image.fileName)}`;
      return {
        image: { ...image, fileName },
        annotations: parseDotaLines(lines, image, classes.idOf, file, takers),
      };
    },
  });
}

/** Images in folders `images` that have no file of labels. */
async function tellUnclaimed(
  path: string,
  entries: readonly string[],
  { onLoss }: ReadOptions,
): Promise<void> {
  const claimed = new Set(
    entries.flatMap((label) => {
      const part = partOf(label);
      return [part, dirname(part)].map((root) => join(root, "images", stemOf(basename(label))));
    }),
  );
  const isImage = (name: string): boolean => isImageName(name) && /(?:^|\/)images\/[^/]+$/.test(name);
  for (const name of await listFiles(path, isImage))
    if (!claimed.has(join(stemOf(name)))) onLoss?.("unclaimedImages", join(path, name));
}

/** The folder of a part: "train" of "train/labelTxt/P0001.txt"; "" for the set itself. */
function partOf(label: string): string {
  const folder = dirname(dirname(label));
  return folder === "." ? "" : folder;
}

async function collectClasses(
  path: string,
  entries: readonly string[],
  classes: ClassNumbers,
  { signal, encoding }: ReadOptions,
): Promise<void> {
  const names = new Set<string>();
  for (const entry of entries) {
    throwIfAborted(signal);
    for (const line of dotaLines(await readTextFile(join(path, entry), encoding))) {
      const name = classOfDota(line);
      if (name !== "") names.add(name);
    }
  }
  for (const name of [...names].sort()) classes.add(name);
}
