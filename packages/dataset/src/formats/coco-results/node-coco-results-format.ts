import { dirname, join, resolve } from "node:path";
import { DatasetError } from "../../errors.js";
import { isFolder } from "../../files/files.js";
import { imageSizeOf, listFiles } from "../../files/folder-files.js";
import { createImageFinder } from "../../files/image-finder.js";
import { lookAt } from "../../files/sight.js";
import { asList, asObject, idOf } from "../../json/fields.js";
import { isImageName, stemOf } from "../../names/file-names.js";
import type { Category, Dataset, DatasetImage, DatasetRecord, ReadTakers } from "../../record.js";
import { parseEach, setAside } from "../../set-aside.js";
import { readCocoIndex } from "../coco/node-coco-index.js";
import { findCocoFiles, findImageFolders, kindOfCoco, withImageFile } from "../coco/node-coco-layout.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import { findToolFiles, hasToolFile, readToolJson, type ToolFile } from "../node-tool-dataset.js";
import { imageIdOf, parseResult, type ResultEntry, resultsHead, sizeOfResults } from "./coco-results.js";

const resultsFile: ToolFile = {
  ending: /\.json$/i,
  begins: (head) => resultsHead.test(head) && /"image_id"\s*:/.test(head),
  title: "JSON list of COCO results",
};

/**
 * COCO's results: a JSON list of masks or boxes with scores. Images and classes are those of the COCO file
 * beside it that has its images; where there is none, images are found by the numbers in their names.
 */
export const cocoResultsFormat: ReadableFormat = {
  name: "coco-results",
  title:
    "COCO results: a JSON list of masks or boxes with scores, beside the COCO file that lists the images",
  detect: (sight) => hasToolFile(sight, resultsFile),
  read,
};

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const [file, ...others] = await findToolFiles(path, resultsFile);
  if (others.length > 0)
    throw new DatasetError(
      "dataset-invalid",
      `"${path}" has ${others.length + 1} lists of results; name the file that is meant, such as "${file}".`,
    );
  const groups = await readResults(file!, options);
  const { categories, images } =
    (await imagesOfCoco(file!, groups, options)) ?? (await imagesByNumber(file!, groups, options));
  tellStrays(file!, groups, images, options);
  const categoryIds = new Set(categories.map(({ id }) => id));
  return perImageDataset({
    path,
    format: "coco-results",
    categories,
    entries: images,
    signal: options.signal,
    nameOf: ({ id }) => `"${file}": image ${id}`,
    async readRecord({ id, open }, _, takers): Promise<DatasetRecord> {
      const image = await open(takers);
      const results = groups.get(id) ?? [];
      const annotations = parseEach(
        results,
        (i) => `"${file}": entry ${results[i]!.index}`,
        (entry, where) => parseResult(entry, image, categoryIds, where),
        takers.onProblem,
      );
      return { image, annotations };
    },
  });
}

/** Entries by the id of their image. */
type ResultGroups = ReadonlyMap<number, readonly ResultEntry[]>;

async function readResults(file: string, options: ReadOptions): Promise<ResultGroups> {
  const groups = new Map<number, ResultEntry[]>();
  const list = asList(await readToolJson(file, options), `"${file}"`);
  parseEach(
    list,
    (i) => `"${file}": entry ${i}`,
    (value, where, index) => {
      const entry = { raw: asObject(value, where), index };
      const id = imageIdOf(entry, where);
      const group = groups.get(id);
      if (group) group.push(entry);
      else groups.set(id, [entry]);
    },
    options.onProblem,
  );
  return groups;
}

/** An image that results may be on. */
interface ResultImage {
  readonly id: number;
  open(takers: ReadTakers): Promise<DatasetImage>;
}

interface ResultImages {
  readonly images: readonly ResultImage[];
  readonly categories: readonly Category[];
}

/** The images of a COCO file near the list that has one of its images. */
async function imagesOfCoco(
  file: string,
  groups: ResultGroups,
  { signal, encoding, images: folder, onProblem }: ReadOptions,
): Promise<ResultImages | undefined> {
  for (const cocoFile of await cocoFilesNear(file)) {
    const { images, categories } = await readCocoIndex(cocoFile, {
      keepBelowBytes: 0,
      signal,
      encoding,
      onProblem: (error, { key, index }) => setAside(error, `"${cocoFile}": ${key} ${index}`, onProblem),
    });
    if (!images.some(({ id }) => groups.has(id))) continue;
    const finder = createImageFinder(await findImageFolders(cocoFile, images, folder));
    return {
      categories,
      images: images.map((image) => ({
        id: image.id,
        open: (takers) => withImageFile(image, finder, takers),
      })),
    };
  }
  return undefined;
}

/**
 * COCO files in the list's own folder, and above it in the set's own places; other folders there may be other
 * sets, whose images have the same numbers.
 */
async function cocoFilesNear(file: string): Promise<string[]> {
  const own = dirname(resolve(file));
  const above = dirname(own);
  return [
    ...(await cocoFilesIn(own, () => true)),
    ...(await cocoFilesIn(above, (place) => /^(annotations\/)?[^/]+$/.test(place))),
  ];
}

async function cocoFilesIn(folder: string, isOwn: (place: string) => boolean): Promise<string[]> {
  const sight = await lookAt(folder);
  const found: string[] = [];
  for (const name of await findCocoFiles(sight)) {
    const place = name.slice(folder.length + 1).replaceAll("\\", "/");
    if (isOwn(place) && kindOfCoco(await sight.head(place), await sight.tail(place))) found.push(name);
  }
  return found;
}

/** Images whose names are numbers, as those of COCO: 139 is `000000000139.jpg`. */
async function imagesByNumber(
  file: string,
  groups: ResultGroups,
  { images: named }: ReadOptions,
): Promise<ResultImages> {
  const own = join(dirname(file), "images");
  const folder = named ?? ((await isFolder(own)) ? own : dirname(file));
  const names = new Map<number, string>();
  for (const name of await listFiles(folder, isImageName)) {
    const digits = /(\d+)$/.exec(stemOf(name))?.[1];
    if (digits !== undefined) names.set(Number(digits), name);
  }
  const finder = createImageFinder([folder]);
  const images = [...groups].map(([id, entries]): ResultImage => {
    const fileName = names.get(id);
    return {
      id,
      async open() {
        const found = fileName === undefined ? undefined : await finder.find(fileName);
        const size = sizeOfResults(entries) ?? (found && (await imageSizeOf(found.path)));
        if (!size)
          throw new DatasetError(
            "image-missing",
            `"${file}": nothing says the size of image ${id}: there is neither an RLE, nor a COCO file that lists it, nor an image of that number; name the folder of images.`,
          );
        return { id, fileName: found?.name ?? `${id}`, ...size, ...(found && { open: found.open }) };
      },
    };
  });
  const ids = new Set([...groups.values()].flat().flatMap(({ raw }) => idOf(raw.category_id) ?? []));
  return {
    images,
    categories: [...ids].sort((a, b) => a - b).map((id) => ({ id, name: `class ${id}` })),
  };
}

/** Results on images that are not listed. */
function tellStrays(
  file: string,
  groups: ResultGroups,
  images: readonly ResultImage[],
  { onProblem }: ReadOptions,
): void {
  const listed = new Set(images.map(({ id }) => id));
  for (const [id, entries] of groups) {
    if (listed.has(id)) continue;
    const where = `"${file}": entry ${entries[0]!.index}`;
    const problem = new DatasetError(
      "annotation-invalid",
      `${where}: the image ${id} is in no list of images; ${entries.length} results are on it.`,
    );
    setAside(problem, where, onProblem);
  }
}
