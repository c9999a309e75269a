/** The files that masks of one picture are written to. */
import { join } from "node:path";
import { decodeRle, type MaskRecord, type MaskRecordJson, toMaskRecordJson } from "@segany/masks";
import { writeFileInside } from "@segany/runtime/files";
import { encodeMaskPng } from "@segany/sam";
import { stringify } from "csv-stringify/sync";
import type { InputImage } from "./inputs.js";
import type { OutputFormat } from "./options.js";

/** A picture that has been segmented. */
export interface SegmentedImage {
  readonly input: InputImage;
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  readonly records: readonly MaskRecord[];
}

/** An annotation as SA-1B's and COCO's files have it. */
export interface AnnotationJson extends MaskRecordJson {
  readonly id: number;
}

/** Room for annotation numbers below each image's number. */
const IDS_PER_IMAGE = 100_000;

/** Annotations with numbers of their own in the whole data set. */
export function annotationsOf({ input, records }: SegmentedImage): AnnotationJson[] {
  return records.map((record, i) => ({
    id: input.imageId * IDS_PER_IMAGE + i + 1,
    ...toMaskRecordJson(record),
  }));
}

/** Where a picture's masks go, relative to the output folder; for COCO there is one file for all. */
export function outputName(input: InputImage, format: OutputFormat): string {
  switch (format) {
    case "sa1b":
      return `${input.outputStem}.json`;
    case "png":
      return input.outputStem;
    case "coco":
      return "annotations.json";
  }
}

/** Parts of a run write files of their own. */
export function cocoName({ shard }: { readonly shard?: string | undefined }): string {
  return shard ? `annotations-${shard.replace("/", "-of-")}.json` : "annotations.json";
}

/** The name of an image with its masks laid over it. */
export function pictureName({ outputStem }: InputImage): string {
  return `${outputStem}.png`;
}

/** The folder of an image's cut-outs. */
export function cutoutsName({ outputStem }: InputImage): string {
  return `${outputStem}-cutouts`;
}

/** Writes SA-1B's JSON for one picture. */
export async function writeSa1b(output: string, segmented: SegmentedImage): Promise<string> {
  const { input, width, height, fileName } = segmented;
  const image = { image_id: input.imageId, width, height, file_name: fileName };
  const name = outputName(input, "sa1b");
  await writeFileInside(output, name, JSON.stringify({ image, annotations: annotationsOf(segmented) }));
  return name;
}

const CSV_COLUMNS = [
  "id",
  "area",
  "bbox_x0",
  "bbox_y0",
  "bbox_w",
  "bbox_h",
  "point_input_x",
  "point_input_y",
  "predicted_iou",
  "stability_score",
  "crop_box_x0",
  "crop_box_y0",
  "crop_box_w",
  "crop_box_h",
];

/** Writes a folder with one PNG a mask and `metadata.csv`, as Meta's `amg.py` does; the table comes last. */
export async function writePngFolder(output: string, { input, records }: SegmentedImage): Promise<string[]> {
  const folder = outputName(input, "png");
  const names: string[] = [];
  for (const [i, record] of records.entries()) {
    const name = join(folder, `${i}.png`);
    await writeFileInside(output, name, await encodeMaskPng(decodeRle(record.segmentation)));
    names.push(name);
  }
  const rows = records.map(
    ({ area, bboxXywh, pointCoords, predictedIou, stabilityScore, cropBoxXywh }, i) => [
      i,
      area,
      ...bboxXywh,
      ...pointCoords[0]!,
      predictedIou,
      stabilityScore,
      ...cropBoxXywh,
    ],
  );
  const table = join(folder, "metadata.csv");
  await writeFileInside(output, table, stringify([CSV_COLUMNS, ...rows]));
  return [...names, table];
}

/** What a picture adds to a COCO file. */
export interface CocoPart {
  readonly image: {
    readonly id: number;
    readonly width: number;
    readonly height: number;
    readonly file_name: string;
  };
  readonly annotations: readonly unknown[];
}

/** COCO's view of one picture: every mask is an instance of the one category "object". */
export function cocoPart(segmented: SegmentedImage): CocoPart {
  const { input, width, height, fileName } = segmented;
  return {
    image: { id: input.imageId, width, height, file_name: fileName },
    annotations: annotationsOf(segmented).map((annotation) => ({
      ...annotation,
      image_id: input.imageId,
      category_id: 1,
      iscrowd: 0,
    })),
  };
}

/** Writes one COCO file out of all parts. */
export async function writeCoco(output: string, name: string, parts: readonly CocoPart[]): Promise<void> {
  const categories = [{ id: 1, name: "object", supercategory: "object" }];
  const images = parts.map(({ image }) => image);
  const annotations = parts.flatMap((part) => part.annotations);
  await writeFileInside(
    output,
    name,
    JSON.stringify({ info: { description: "Masks by Segany" }, images, annotations, categories }),
  );
}
