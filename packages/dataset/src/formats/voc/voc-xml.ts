/** Pascal VOC's annotation files: one XML an image, with class, box and remarks of each object. */
import {
  boxXywhToXyxy,
  boxXyxyToXywh,
  type CocoBoxXywh,
  cocoBox,
  inclusiveBox,
  toExclusiveBox,
} from "@segany/masks";
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import { DatasetError } from "../../errors.js";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation, DatasetImage, JsonObject, JsonValue } from "../../record.js";

/** An object as the XML describes it. */
export interface VocObject {
  readonly name: string;
  /** Pixels; absent where the file has no box. */
  readonly bboxXywh?: CocoBoxXywh;
  /** `pose`, `truncated`, `difficult`, `occluded`, where they are there. */
  readonly extra?: JsonObject;
}

const textRemarks = ["pose"] as const;
const flagRemarks = ["truncated", "difficult", "occluded"] as const;
/** The extra fields of an annotation that the XML has a place for. */
export const vocRemarks: ReadonlySet<string> = new Set([...textRemarks, ...flagRemarks]);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // Entities are what XML bombs are made of; the five of XML itself are enough.
  processEntities: false,
  isArray: (_name, path) => path === "annotation.object",
});

/**
 * Reads the objects of a VOC annotation.
 *
 * @param where what to call the file in an error message
 * @throws DatasetError `annotation-invalid`
 */
export function parseVocXml(text: string, where: string): VocObject[] {
  if (/<!(DOCTYPE|ENTITY)/i.test(text))
    throw invalid(where, "it has a document type or entities, which VOC's files never need");
  const { annotation } = parseXml(text, where);
  if (annotation === undefined) throw invalid(where, "it has no element <annotation>");
  const objects = (annotation as { object?: unknown }).object ?? [];
  return (objects as unknown[]).map((object, i) => parseObject(object, `${where}, object ${i + 1}`));
}

/** The parser has limits of its own, such as on how deep elements may nest. */
function parseXml(text: string, where: string): { readonly annotation?: unknown } {
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw new Error(`line ${valid.err.line}: ${valid.err.msg}`);
    return parser.parse(text) as { annotation?: unknown };
  } catch (cause) {
    throw invalid(where, (cause as Error).message);
  }
}

function parseObject(object: unknown, where: string): VocObject {
  const fields = typeof object === "object" && object !== null ? (object as Record<string, unknown>) : {};
  const name = fields.name;
  if (typeof name !== "string" || name === "") throw invalid(where, `<name> is ${show(name)}`);
  const bboxXywh = parseBox(fields.bndbox, where);
  const remarks: Record<string, string | number> = {};
  for (const key of textRemarks) if (typeof fields[key] === "string") remarks[key] = fields[key];
  for (const key of flagRemarks) {
    const text = fields[key];
    if (typeof text === "string" && text !== "") remarks[key] = numberOfText(text) ?? text;
  }
  return {
    name: decodeEntities(name),
    ...(bboxXywh && { bboxXywh }),
    ...(Object.keys(remarks).length > 0 && { extra: remarks }),
  };
}

/** VOC counts pixels from 1 and includes the last. */
function parseBox(box: unknown, where: string): CocoBoxXywh | undefined {
  if (typeof box !== "object" || box === null) return undefined;
  const [x0, y0, x1, y1] = ["xmin", "ymin", "xmax", "ymax"].map((key) => {
    const text = (box as Record<string, unknown>)[key];
    const value = numberOfText(text);
    if (value !== undefined) return value;
    throw invalid(where, `<${key}> is ${show(text)}, not a number`);
  }) as [number, number, number, number];
  if (x1 < x0 - 1 || y1 < y0 - 1)
    throw invalid(where, `the box ${x0}, ${y0}, ${x1}, ${y1} has a negative size`);
  return boxXyxyToXywh(toExclusiveBox(inclusiveBox([x0 - 1, y0 - 1, x1 - 1, y1 - 1])));
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: not a usable VOC annotation: ${reason}.`);
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => entities[name]!);
}

const builder = new XMLBuilder({ format: true, indentBy: "\t", processEntities: true });

/**
 * Writes the annotation of an image.
 *
 * @param objects in the order of the numbers in the object PNG
 */
export function formatVocXml(
  { fileName, width, height }: Pick<DatasetImage, "fileName" | "width" | "height">,
  objects: readonly { readonly annotation: Annotation; readonly className: string }[],
): string {
  return builder.build({
    annotation: {
      folder: "JPEGImages",
      filename: fileName,
      size: { width, height, depth: 3 },
      segmented: 1,
      object: objects.map(({ annotation, className }) => toXmlObject(annotation, className)),
    },
  });
}

/** 0 or another whole number; other formats' fields of these names may hold anything. */
function flagOf(value: JsonValue | undefined): number {
  return typeof value === "boolean" || typeof value === "number" ? Math.trunc(Number(value)) : 0;
}

function toXmlObject({ bboxXywh, extra }: Annotation, name: string): object {
  const [x0, y0, x1, y1] = boxXywhToXyxy(cocoBox(bboxXywh));
  return {
    name,
    pose: typeof extra?.pose === "string" ? extra.pose : "Unspecified",
    ...Object.fromEntries(flagRemarks.map((key) => [key, flagOf(extra?.[key])])),
    // Where a box ends, counted from 0, is its last pixel counted from 1.
    bndbox: { xmin: x0 + 1, ymin: y0 + 1, xmax: x1, ymax: y1 },
  };
}
