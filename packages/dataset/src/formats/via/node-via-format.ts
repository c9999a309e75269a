import { readBytes } from "../../files/files.js";
import { maxTextBytes } from "../../files/read-text.js";
import { lookAt } from "../../files/sight.js";
import { parseJson } from "../../json/parse-json.js";
import type { Dataset } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findByHead,
  findToolImages,
  noSuchFile,
  openToolImage,
} from "../node-tool-dataset.js";
import { classOfRegion, listViaImages, parseViaImage, parseViaRegions, type ViaImage } from "./via.js";

/** VGG Image Annotator 1 and 2: a JSON of annotations or of a project, images beside it or in a folder. */
export const viaFormat: ReadableFormat = {
  name: "via",
  title: "VGG Image Annotator (VIA) 1 and 2: a JSON with the regions of all images",
  detect: async (sight) => (await findByHead(sight, /\.json$/i, isVia)).length > 0,
  read,
};

function isVia(head: string): boolean {
  return /"_via_img_metadata"|"_via_settings"|"shape_attributes"|"filename"\s*:[^{}]*"regions"\s*:/.test(
    head,
  );
}

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findByHead(await lookAt(path), /\.json$/i, isVia);
  if (files.length === 0) throw noSuchFile(path, "JSON of VIA");
  const entries: (ViaImage & { readonly where: string })[] = [];
  for (const file of files) {
    const value = parseJson(await readBytes(file, undefined, maxTextBytes), file, options.encoding);
    for (const { image, key } of listViaImages(value, file)) {
      try {
        entries.push({ ...parseViaImage(image, `${file}: ${key}`), where: `${file}: ${key}` });
      } catch (error) {
        setAside(error, `${file}: ${key}`, options.onProblem);
      }
    }
  }
  const names = new Set(
    entries.flatMap(({ regions }) => regions.flatMap((region) => classOfRegion(region) ?? [])),
  );
  const classes = createClassNumbers([...names].sort());
  const finder = await findToolImages(path, options);
  return perImageDataset({
    path,
    format: "via",
    categories: classes.categories,
    entries,
    signal: options.signal,
    nameOf: ({ where }) => where,
    async readRecord({ fileName, regions, where }, id, takers) {
      const image = await openToolImage({ id, name: fileName }, finder, where, takers);
      return { image, annotations: parseViaRegions(regions, image, classes.idOf, where, takers) };
    },
  });
}
