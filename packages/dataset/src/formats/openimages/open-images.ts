/** Open Images' tables of boxes: a line a box, its sides as parts of the image's. */
import type { Size } from "@segany/masks";
import { parse } from "csv-parse/sync";
import { DatasetError } from "../../errors.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation } from "../../record.js";
import { newBox } from "../new-annotation.js";

/** A line of a table of boxes. */
export interface OpenImagesRow {
  readonly imageId: string;
  /** A code such as "/m/01g317". */
  readonly label: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** @throws DatasetError `dataset-invalid` */
export function parseBoxTable(text: string, where: string): OpenImagesRow[] {
  return (parseCsv(text, where, true) as Record<string, string>[]).map((fields) => ({
    imageId: fields.ImageID ?? "",
    label: fields.LabelName ?? "",
    fields,
  }));
}

/** The names of labels by their codes: lines "code,name", with or without a line of heads. */
export function parseDescriptions(text: string, where: string): Map<string, string> {
  const rows = parseCsv(text, where, false) as string[][];
  return new Map(rows.filter(([code]) => code !== "LabelName").map(([code = "", name = ""]) => [code, name]));
}

function parseCsv(text: string, where: string, columns: boolean): unknown[] {
  try {
    return parse(text, { columns, bom: true, skip_empty_lines: true, relax_column_count: true });
  } catch (cause) {
    throw new DatasetError("dataset-invalid", `${where} is not a table: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Makes a box of a line. A group of objects in one box is a crowd.
 *
 * @throws DatasetError `annotation-invalid`
 */
export function toBox(
  { fields }: OpenImagesRow,
  id: number,
  categoryId: number | undefined,
  { width, height }: Size,
  where: string,
): Annotation {
  const part = (name: string): number => {
    const value = numberOfText(fields[name]) ?? Number.NaN;
    if (value >= 0 && value <= 1) return value;
    throw new DatasetError(
      "annotation-invalid",
      `${where}: ${name} is "${fields[name]}", not a part of a side, 0 to 1.`,
    );
  };
  const round = (value: number): number => Math.round(value * 100) / 100;
  const [left, right] = [round(part("XMin") * width), round(part("XMax") * width)];
  const [top, bottom] = [round(part("YMin") * height), round(part("YMax") * height)];
  if (right < left || bottom < top)
    throw new DatasetError("annotation-invalid", `${where}: the box has a negative size.`);
  const flag = (name: string): boolean => fields[name] === "1";
  const extra = { ...(flag("IsOccluded") && { occluded: 1 }), ...(flag("IsTruncated") && { truncated: 1 }) };
  return newBox(id, [left, top, right - left, bottom - top], {
    isCrowd: flag("IsGroupOf"),
    ...(categoryId !== undefined && { categoryId }),
    ...(Object.keys(extra).length > 0 && { extra }),
  });
}
