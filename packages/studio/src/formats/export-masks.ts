/** Masks as files: SA-1B, COCO, PNGs, label maps; of one picture or of many. */

import {
  createLossCounter,
  type DatasetRecord,
  datasetFromRecords,
  nameKey,
  toCocoAnnotation,
  toCocoCategory,
  toCocoImage,
  toLabelMap,
  toSa1b,
} from "@segany/dataset/formats";
import { decodeRle } from "@segany/masks";
import { encode } from "fast-png";
import { StudioError } from "../errors.js";
import type { Picture } from "../state/types.js";
import type { ExportedFile, ExportFormat } from "../studio.js";
import { formatMaskTable } from "./mask-table.js";
import { stemOf, toRecord } from "./to-record.js";
import { type ZipEntries, zipFiles } from "./zip-files.js";

/** What a label map drops is not told: whoever asks for one knows that masks don't overlap in it. */
const NOTHING: ReadonlySet<never> = new Set();

/** The class of objects that nobody gave a name. */
const NAMELESS = "object";

/**
 * Writes the masks of pictures; those without a mask are left out.
 *
 * @throws StudioError `nothing-to-export`
 */
export async function exportMasks(format: ExportFormat, pictures: readonly Picture[]): Promise<ExportedFile> {
  const withMasks = pictures.filter(({ history }) => history.present.objects.length > 0);
  if (withMasks.length === 0)
    throw new StudioError("nothing-to-export", "There is no mask yet: keep an object first, then export.");
  const records = withUniqueNames(
    format,
    withMasks.map((picture, i) => toRecord(picture, i + 1)),
  );
  switch (format) {
    case "sa1b":
      return exportSa1b(records);
    case "coco":
      return { name: "annotations.json", blob: jsonBlob(toCoco(records)) };
    case "png-masks":
      return { name: "masks.zip", blob: await zipFiles(Object.assign({}, ...records.map(toPngMasks))) };
    case "label-map":
      return { name: "label-maps.zip", blob: await zipFiles(Object.assign({}, ...records.map(toLabelPng))) };
  }
}

async function exportSa1b(records: readonly DatasetRecord[]): Promise<ExportedFile> {
  const nameOf = ({ image }: DatasetRecord) => `${stemOf(image.fileName)}.json`;
  const [first] = records;
  if (first && records.length === 1) return { name: nameOf(first), blob: jsonBlob(toSa1b(first)) };
  const files = records.map((record) => [nameOf(record), jsonBytes(toSa1b(record))] as const);
  return { name: "sa1b.zip", blob: await zipFiles(Object.fromEntries(files)) };
}

/** A class for each name that was given. */
function toCoco(records: readonly DatasetRecord[]): unknown {
  const ids = new Map<string, number>();
  const idOf = (name: string): number => {
    const id = ids.get(name) ?? ids.size + 1;
    ids.set(name, id);
    return id;
  };
  let id = 0;
  const annotations = records.flatMap(({ image, annotations: masks }) =>
    masks.map((mask) => {
      id++;
      return toCocoAnnotation(mask, { id, imageId: image.id, categoryId: idOf(classOf(mask)) });
    }),
  );
  return {
    images: records.map(({ image }) => toCocoImage(image)),
    annotations,
    categories: [...ids].map(([name, categoryId]) => toCocoCategory({ id: categoryId, name })),
  };
}

function classOf({ extra }: DatasetRecord["annotations"][number]): string {
  const name = typeof extra?.name === "string" ? extra.name : "";
  return name === "" || /^Object \d+$/.test(name) ? NAMELESS : name;
}

function toPngMasks({ image, annotations }: DatasetRecord): ZipEntries {
  const folder = `masks/${stemOf(image.fileName)}`;
  const masks = annotations.map(({ segmentation }, i) => {
    const { width, height, data } = decodeRle(segmentation);
    const white = data.map((value) => value * 255);
    return [`${folder}/${i}.png`, encode({ width, height, data: white, channels: 1, depth: 8 })] as const;
  });
  const table = new TextEncoder().encode(formatMaskTable(annotations, classOf));
  return { ...Object.fromEntries(masks), [`${folder}/metadata.csv`]: table };
}

/** Of masks that overlap the smaller is on top. */
function toLabelPng(record: DatasetRecord): ZipEntries {
  const { width, height, data } = toLabelMap(
    record,
    createLossCounter(datasetFromRecords([record]), NOTHING),
  );
  const depth = data instanceof Uint16Array ? 16 : 8;
  return {
    [`masks/${stemOf(record.image.fileName)}.png`]: encode({ width, height, data, channels: 1, depth }),
  };
}

/**
 * Two pictures of one name must not write to one file, on systems too that don't tell capitals from others. COCO's one
 * file needs names only to tell pictures apart, and keeps them where it can.
 */
function withUniqueNames(format: ExportFormat, records: readonly DatasetRecord[]): readonly DatasetRecord[] {
  const keyOf = (name: string) => (format === "coco" ? name : nameKey(stemOf(name)));
  const keys = new Set<string>();
  return records.map((record) => {
    let { fileName } = record.image;
    while (keys.has(keyOf(fileName))) fileName = `${record.image.id}-${fileName}`;
    keys.add(keyOf(fileName));
    return { ...record, image: { ...record.image, fileName } };
  });
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function jsonBlob(value: unknown): Blob {
  return new Blob([JSON.stringify(value)], { type: "application/json" });
}
