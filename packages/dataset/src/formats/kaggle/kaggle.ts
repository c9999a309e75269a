/** Kaggle's tables of masks: a line an object, with run lengths by columns, pixels counted from 1. */
import { compressRle, type Rle, type Size } from "@segany/masks";
import { parse } from "csv-parse/sync";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";

/** A line of a table. */
export interface KaggleRow {
  readonly imageId: string;
  readonly className?: string;
  /** Starts and lengths by turns; empty for an image without an object. */
  readonly pixels: string;
  readonly size?: Size;
}

const names = {
  image: [
    "imageid",
    "image_id",
    "image",
    "img",
    "id",
    "filename",
    "file_name",
    "imageid_classid",
    "image_label",
  ],
  pixels: ["encodedpixels", "rle", "rle_mask", "segmentation", "mask", "predicted", "annotation"],
  class: ["classid", "class_id", "class", "label", "category", "cell_type"],
} as const;

/** Whether a table's first line has the columns of images and of run lengths. */
export function isKaggleHeader(line: string): boolean {
  const columns = line.split(",").map((column) => column.trim().toLowerCase().replace(/^"|"$/g, ""));
  const has = (kind: keyof typeof names): boolean =>
    columns.some((column) => (names[kind] as readonly string[]).includes(column));
  return has("image") && has("pixels");
}

/**
 * Reads a table.
 *
 * @throws DatasetError `dataset-invalid` without the two columns, and for what is no table
 */
export function parseKaggleTable(text: string, where: string): KaggleRow[] {
  const rows = parseRows(text, where);
  const columns = Object.keys(rows[0] ?? {});
  const find = (kind: keyof typeof names): string | undefined =>
    names[kind]
      .map((name) => columns.find((column) => column.trim().toLowerCase() === name))
      .find((found) => found !== undefined);
  const [image, pixels, className] = [find("image"), find("pixels"), find("class")];
  if (rows.length === 0) return [];
  if (image === undefined || pixels === undefined)
    throw new DatasetError(
      "dataset-invalid",
      `${where} has the columns ${columns.join(", ")}; it needs ImageId and EncodedPixels.`,
    );
  const isJoined = /^(imageid_classid|image_label)$/i.test(image.trim());
  return rows.map((row) => {
    const joined = isJoined ? /^(.*)_([^_]+)$/.exec(row[image]!) : null;
    const name = joined ? joined[2] : className === undefined ? undefined : row[className];
    const size = { width: numberOfText(row.width) ?? 0, height: numberOfText(row.height) ?? 0 };
    return {
      imageId: joined ? joined[1]! : row[image]!,
      pixels: row[pixels]!.trim(),
      ...(name !== undefined && name !== "" && { className: name }),
      ...(size.width > 0 && size.height > 0 && { size }),
    };
  });
}

function parseRows(text: string, where: string): Record<string, string>[] {
  try {
    return parse(text, { columns: true, bom: true, skip_empty_lines: true });
  } catch (cause) {
    throw new DatasetError("dataset-invalid", `${where} is not a table: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Whether a line says that its image has no object. */
export function isEmptyMask(pixels: string): boolean {
  return pixels === "" || pixels === "-1" || pixels.toLowerCase() === "nan";
}

/**
 * The mask of a line: pairs of the first pixel, from 1, and a length; down the columns, from the left.
 *
 * @throws DatasetError `annotation-invalid` for runs that aren't in order or leave the image
 */
export function maskOfPixels(pixels: string, { width, height }: Size, where: string): Rle {
  const values = pixels.split(/\s+/).map((word) => numberOfText(word) ?? Number.NaN);
  const counts: number[] = [];
  let at = 0;
  for (let i = 0; i < values.length; i += 2) {
    const start = values[i]! - 1;
    const length = values[i + 1] ?? Number.NaN;
    const isRun =
      Number.isInteger(start) &&
      Number.isInteger(length) &&
      start >= at &&
      length > 0 &&
      start + length <= width * height;
    if (!isRun)
      throw new DatasetError(
        "annotation-invalid",
        `${where}: the run ${show(values.slice(i, i + 2))} does not follow the one before within the ${width} x ${height} pixels of the image.`,
      );
    if (start === at && counts.length > 0) counts[counts.length - 1]! += length;
    else counts.push(start - at, length);
    at = start + length;
  }
  if (at < width * height) counts.push(width * height - at);
  return compressRle({ size: [height, width], counts });
}
