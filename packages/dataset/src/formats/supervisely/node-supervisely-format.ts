import { basename, dirname, join } from "node:path";
import { throwIfAborted } from "../../errors.js";
import { isFile, readImageBytes } from "../../files/files.js";
import { listFiles } from "../../files/folder-files.js";
import { createImageFinder, type ImageFinder } from "../../files/image-finder.js";
import type { Sight } from "../../files/sight.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import { readImageName } from "../../names/match-names.js";
import type { Dataset, DatasetImage, ReadTakers } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { Detection, ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { type ClassNumbers, createClassNumbers, noSuchFile, readToolJson } from "../node-tool-dataset.js";
import { bitmapDecoder } from "./node-decode-bitmap.js";
import {
  parseSuperviselyClasses,
  parseSuperviselyImage,
  parseSuperviselyObjects,
  type SuperviselyImage,
} from "./supervisely.js";

const ANNOTATION = /(?:^|\/)ann\/[^/]+\.json$/;
const META = "meta.json";

/** Supervisely: folders with `img/` and `ann/` (a JSON an image, `a.jpg.json`), and `meta.json` above. */
export const superviselyFormat: ReadableFormat = {
  name: "supervisely",
  title: "Supervisely: folders with img/ and ann/ (a JSON an image), meta.json with the classes",
  detect,
  read,
};

async function detect(sight: Sight): Promise<Detection> {
  const annotations = sight.files.filter((name) => ANNOTATION.test(name));
  for (const name of annotations.slice(0, 20)) {
    const head = await sight.head(name);
    if (/"objects"\s*:/.test(head) && /"size"\s*:/.test(head)) return true;
  }
  if (annotations.length > 0)
    return `its ${annotations[0]} has no "size" and "objects" near its beginning, and neither have the next`;
  return /"classes"\s*:/.test(await sight.head(META)) &&
    sight.hasFile(META) &&
    /"shape"/.test(await sight.head(META))
    ? "it has meta.json, but no folder ann with a JSON an image"
    : false;
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const { signal, images } = options;
  const entries = await listFiles(path, (name) => ANNOTATION.test(name));
  if (entries.length === 0) throw noSuchFile(path, "folder ann with annotations of Supervisely");
  const classes = await findClasses(path, entries, options);
  if (images === undefined) await tellUnclaimed(path, entries, options);
  const finder = createImageFinder([images ?? path], { anyFolder: images !== undefined });
  return perImageDataset({
    path,
    format: "supervisely",
    categories: classes.categories,
    entries,
    signal,
    nameOf: (entry) => join(path, entry),
    async readRecord(entry, id, takers) {
      const where = join(path, entry);
      const annotations = parseSuperviselyImage(await readToolJson(where, options), where);
      const image = await openImage(
        path,
        entry,
        id,
        annotations,
        images === undefined ? undefined : finder,
        takers,
      );
      const decodeBitmap = bitmapDecoder(annotations.size);
      const context = { categoryIds: classes.idOf, decodeBitmap };
      return { image, annotations: parseSuperviselyObjects(annotations, context, where, takers) };
    },
  });
}

/**
 * The image of an annotation file: in `img` beside `ann`, of the same name without `.json`; in sets of before
 * 2019 the extension is missing too.
 *
 * @param finder of the folder that the user names
 */
async function openImage(
  path: string,
  entry: string,
  id: number,
  { size }: SuperviselyImage,
  finder: ImageFinder | undefined,
  { onLoss }: ReadTakers,
): Promise<DatasetImage> {
  const part = dirname(dirname(entry));
  const name = readImageName(basename(entry, ".json"), entry);
  const inPart = (file: string): string => (part === "." ? file : `${part}/${file}`);
  const own = join(path, part, "img", name);
  if (!finder && (await isFile(own)))
    return { id, fileName: inPart(name), ...size, open: (headBytes) => readImageBytes(own, headBytes) };
  const folder = finder ?? createImageFinder([join(path, part, "img")], { anyFolder: true });
  const found = (await folder.find(inPart(name))) ?? (await folder.find(name));
  if (found?.by === "capitals") onLoss?.("changedNames", entry);
  const fileName = inPart(found && !isImageName(name) ? basename(found.name) : name);
  return { id, fileName, ...size, ...(found && { open: found.open }) };
}

/** Images in `img` folders that have no annotation file. */
async function tellUnclaimed(
  path: string,
  entries: readonly string[],
  { onLoss }: ReadOptions,
): Promise<void> {
  const claimed = new Set(entries.map((entry) => entry.replace(/(^|\/)ann\/([^/]+)\.json$/, "$1img/$2")));
  const isImage = (name: string): boolean => isImageName(name) && /(?:^|\/)img\/[^/]+$/.test(name);
  for (const name of await listFiles(path, isImage))
    if (!claimed.has(name) && !claimed.has(stemOf(name))) onLoss?.("unclaimedImages", join(path, name));
}

/** The classes of `meta.json`; where there is none, those of all objects. */
async function findClasses(
  path: string,
  entries: readonly string[],
  options: ReadOptions,
): Promise<ClassNumbers> {
  const meta = join(path, META);
  if (await isFile(meta))
    return createClassNumbers(parseSuperviselyClasses(await readToolJson(meta, options), meta));
  const names = new Set<string>();
  for (const entry of entries) {
    throwIfAborted(options.signal);
    try {
      const { objects } = parseSuperviselyImage(await readToolJson(join(path, entry), options), entry);
      for (const { classTitle } of objects) if (typeof classTitle === "string") names.add(classTitle);
    } catch (error) {
      setAside(error, entry, () => undefined); // told when the record is read
    }
  }
  return createClassNumbers([...names].sort());
}
