import type { Dataset } from "../../record.js";
import { setAside } from "../../set-aside.js";
import type { ReadableFormat, ReadOptions } from "../format.js";
import { perImageDataset } from "../node-per-image-dataset.js";
import {
  createClassNumbers,
  findToolFiles,
  findToolImages,
  hasToolFile,
  openToolImage,
  readToolJson,
  type ToolFile,
} from "../node-tool-dataset.js";
import { classOfRegion, listViaImages, parseViaImage, parseViaRegions, type ViaImage } from "./via.js";

const viaFile: ToolFile = {
  ending: /\.json$/i,
  begins: (head) =>
    /"_via_img_metadata"|"_via_settings"|"shape_attributes"|"filename"\s*:[^{}]*"regions"\s*:/.test(head),
  title: "JSON of VIA",
};

/** VGG Image Annotator 1 and 2: a JSON of annotations or of a project, images beside it or in a folder. */
export const viaFormat: ReadableFormat = {
  name: "via",
  title: "VGG Image Annotator (VIA) 1 and 2: a JSON with the regions of all images",
  detect: (sight) => hasToolFile(sight, viaFile),
  read,
};

async function read(path: string, options: ReadOptions = {}): Promise<Dataset> {
  const files = await findToolFiles(path, viaFile);
  const entries: (ViaImage & { readonly where: string })[] = [];
  for (const file of files) {
    const value = await readToolJson(file, options);
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
