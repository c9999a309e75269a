/** Masks as files of the formats of data sets; of one image or of many. */
import {
  cocoWriter,
  createLabelMapWriter,
  createMemoryOutput,
  createPngWriter,
  type Dataset,
  type DatasetRecord,
  type DatasetWriter,
  datasetFromRecords,
  type Feature,
  nameKey,
  sa1bWriter,
  stemOf,
} from "@segany/dataset/formats";
import type { Size } from "@segany/masks";
import { encode } from "fast-png";
import { bytesToBase64 } from "../base64.js";
import { StudioError } from "../errors.js";
import type { ClassList } from "../state/classes.js";
import type { GalleryImage } from "../state/types.js";
import type { ExportedFile, ExportFormat } from "../studio.js";
import { toRecord } from "./to-record.js";
import { zipFiles } from "./zip-files.js";

/** How a format is written, and what its files are called together. */
interface Format {
  /** Libraries that few need are loaded when they are. */
  readonly writer: () => DatasetWriter | Promise<DatasetWriter>;
  readonly archive: string;
}

const loadWriters = () => import("@segany/dataset/writers");

const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  sa1b: { writer: () => sa1bWriter, archive: "sa1b.zip" },
  coco: { writer: () => cocoWriter, archive: "coco.zip" },
  yolo: { writer: async () => (await loadWriters()).yoloWriter, archive: "yolo.zip" },
  labelme: {
    writer: async () =>
      (await loadWriters()).createLabelmeWriter({ encode: (map) => bytesToBase64(encodeGrey(map)) }),
    archive: "labelme.zip",
  },
  voc: { writer: async () => (await loadWriters()).vocWriter, archive: "voc.zip" },
  cvat: { writer: async () => (await loadWriters()).cvatWriter, archive: "cvat.zip" },
  "png-masks": {
    writer: () =>
      createPngWriter((mask) => encodeGrey({ ...mask, data: mask.data.map((value) => value * 255) })),
    archive: "masks.zip",
  },
  // Masks don't overlap in a label map: the smaller ones are on top.
  "label-map": { writer: () => createLabelMapWriter(encodeGrey), archive: "label-maps.zip" },
};

/** Given anew with each export: nobody misses them. */
const NUMBERS: ReadonlySet<Feature> = new Set(["annotationIds", "categoryIds", "imageIds"]);

/** Formats of one file for all images, where names only tell images apart. */
const ONE_FILE: ReadonlySet<ExportFormat> = new Set(["coco", "cvat"]);

/** The class of objects that nobody gave a class or a name. */
const NAMELESS = "object";

/**
 * Writes the masks of images; those without a mask are left out, except in COCO, where they count as images
 * without objects. A single JSON file comes as it is, others in a zip.
 *
 * @throws StudioError `nothing-to-export`
 */
export async function exportMasks(
  format: ExportFormat,
  images: readonly GalleryImage[],
  classes: ClassList,
): Promise<ExportedFile> {
  const withMasks = images.filter(({ history }) => history.present.objects.length > 0);
  if (withMasks.length === 0)
    throw new StudioError("nothing-to-export", "There is no mask yet: keep an object first, then export.");
  const records = (format === "coco" ? images : withMasks).map((image, i) => toRecord(image, i + 1, classes));
  const { writer, archive } = FORMATS[format];
  const output = createMemoryOutput();
  const named = withUniqueNames(format, records);
  const dataset = format === "sa1b" ? datasetFromRecords(named) : withClasses(named, classes); // it has names as fields
  const report = await (await writer()).write(dataset, output);
  const losses = report.losses
    .filter(({ feature }) => !NUMBERS.has(feature))
    .map(({ what, count }) => `${what} (${count})`);
  const [[name, bytes] = [], ...others] = output.files;
  if (name?.endsWith(".json") && others.length === 0)
    return {
      name: baseNameOf(name),
      blob: new Blob([bytes as Uint8Array<ArrayBuffer>], { type: "application/json" }),
      losses,
    };
  return { name: archive, blob: await zipFiles(Object.fromEntries(output.files)), losses };
}

/** Names of files in folders have `/`, which that of a download must not. */
function baseNameOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function encodeGrey({ width, height, data }: Size & { readonly data: Uint8Array | Uint16Array }): Uint8Array {
  return encode({ width, height, data, channels: 1, depth: data instanceof Uint16Array ? 16 : 8 });
}

/** A data set with the classes of the list, and behind these one for each name of objects without a class. */
function withClasses(records: readonly DatasetRecord[], classes: ClassList): Dataset {
  const ids = new Map(classes.map(({ name }, i) => [name, i + 1]));
  const idOf = (name: string): number => {
    const id = ids.get(name) ?? ids.size + 1;
    ids.set(name, id);
    return id;
  };
  const classed = records.map(({ image, annotations }) => ({
    image,
    annotations: annotations.map((annotation) => ({
      ...annotation,
      categoryId: idOf(classNameOf(annotation)),
    })),
  }));
  return datasetFromRecords(classed, { categories: [...ids].map(([name, id]) => ({ id, name })) });
}

function classNameOf({ extra }: DatasetRecord["annotations"][number]): string {
  if (typeof extra?.class === "string") return extra.class;
  const name = typeof extra?.name === "string" ? extra.name : "";
  return name === "" || /^Object \d+$/.test(name) ? NAMELESS : name;
}

/**
 * Two images of one name must not write to one file, on systems too that don't tell capitals from others.
 * A format of one file keeps names where it can.
 */
function withUniqueNames(format: ExportFormat, records: readonly DatasetRecord[]): readonly DatasetRecord[] {
  const keyOf = (name: string) => (ONE_FILE.has(format) ? name : nameKey(stemOf(name)));
  const keys = new Set<string>();
  return records.map((record) => {
    let { fileName } = record.image;
    while (keys.has(keyOf(fileName))) fileName = `${record.image.id}-${fileName}`;
    keys.add(keyOf(fileName));
    return { ...record, image: { ...record.image, fileName } };
  });
}
