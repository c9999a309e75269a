import type { BoxXywh, Rle } from "@segany/masks";
import { parse } from "csv-parse/sync";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation } from "../../record.js";
import { newAnnotation } from "../new-annotation.js";
import { boxColumns, cropColumns } from "./png-table.js";

/** A mask's line in the table. */
export type PngRow = Readonly<Record<string, string | undefined>>;

/**
 * Reads a table.
 *
 * @returns lines by the number of the mask's file
 * @throws DatasetError `annotation-invalid`
 */
export function parsePngTable(text: string, where: string): Map<string, PngRow> {
  try {
    const rows = parse(text, { columns: true, bom: true, skip_empty_lines: true }) as PngRow[];
    return new Map(rows.map((row) => [row.id ?? "", row]));
  } catch (cause) {
    throw new DatasetError("annotation-invalid", `${where} is not a table: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Makes an annotation of a mask and its line.
 *
 * @param id where the line says none
 * @param categoryIds by name
 * @throws DatasetError `annotation-invalid` for a field that is no number
 */
export function toPngAnnotation(
  segmentation: Rle,
  row: PngRow | undefined,
  id: number,
  categoryIds: ReadonlyMap<string, number>,
  where: string,
): Annotation {
  if (!row) return newAnnotation(id, segmentation);
  const number = (column: string): number | undefined => readNumber(row, column, where);
  const box = (names: readonly string[]): BoxXywh | undefined => {
    const values = names.map(number);
    return values.every((value) => value !== undefined) ? (values as unknown as BoxXywh) : undefined;
  };
  const fields = {
    bboxXywh: box(boxColumns),
    area: number("area"),
    isCrowd: number("iscrowd") === 1,
    categoryId: row.category ? categoryIds.get(row.category) : undefined,
    predictedIou: number("predicted_iou"),
    stabilityScore: number("stability_score"),
    cropBoxXywh: box(cropColumns),
    pointCoords: readPoints(row, where),
    annotator: row.annotator ? annotatorOf(row.annotator) : undefined,
  };
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return newAnnotation(number("annotation_id") ?? id, segmentation, present);
}

function readNumber(row: PngRow, column: string, where: string): number | undefined {
  const text = row[column];
  if (text === undefined || text.trim() === "") return undefined;
  const value = numberOfText(text);
  if (value !== undefined) return value;
  throw new DatasetError(
    "annotation-invalid",
    `${where}: column "${column}" is ${show(text)}, not a number.`,
  );
}

function readPoints(row: PngRow, where: string): [number, number][] | undefined {
  const x = readNumber(row, "point_input_x", where);
  const y = readNumber(row, "point_input_y", where);
  if (x === undefined || y === undefined) return undefined;
  const text = row.further_points;
  if (!text) return [[x, y]];
  const numbers = text.match(/-?\d+(\.\d+)?(e[+-]?\d+)?/gi)?.map(Number) ?? [];
  return [
    [x, y],
    ...Array.from({ length: numbers.length >> 1 }, (_, i): [number, number] => [
      numbers[2 * i]!,
      numbers[2 * i + 1]!,
    ]),
  ];
}

/** A number where it was one. */
function annotatorOf(text: string): number | string {
  return String(Number(text)) === text ? Number(text) : text;
}
