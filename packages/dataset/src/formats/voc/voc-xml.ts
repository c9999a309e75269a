/** Pascal VOC's annotation files: one XML an image, with class, box and remarks of each object. */
import { type BoxXywh, boxXywhToXyxy, type CocoBoxXywh, cocoBox } from "@segany/masks";
import { XMLBuilder } from "fast-xml-parser";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Annotation, DatasetImage, JsonObject, JsonValue, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import {
  elementOf,
  elementsOf,
  invalidXml,
  numberIn,
  parseXml,
  textOf,
  type XmlElement,
} from "../read-xml.js";

/** An object as the XML describes it. */
export interface VocObject {
  readonly name: string;
  /** Pixels; absent where the file has no box. */
  readonly bboxXywh?: CocoBoxXywh;
  /** `pose`, `truncated`, `difficult`, `occluded`, where they are there. */
  readonly extra?: JsonObject;
}

/** What an annotation file says. */
export interface VocFile {
  readonly fileName?: string;
  /** Pixels; absent where the file says none. */
  readonly size?: { readonly width: number; readonly height: number };
  /** In the order of the file; undefined where an object can't be used. */
  readonly objects: readonly (VocObject | undefined)[];
}

const textRemarks = ["pose"] as const;
const flagRemarks = ["truncated", "difficult", "occluded"] as const;
/** The extra fields of an annotation that the XML has a place for. */
export const vocRemarks: ReadonlySet<string> = new Set([...textRemarks, ...flagRemarks]);

/**
 * Reads a VOC annotation. Files of VOC's own sets count pixels from 1 and include the last; those of the
 * tools that people draw with (LabelImg, CVAT, Roboflow, Datumaro) give the box's corners, from 0.
 *
 * @param where what to call the file in an error message
 * @param takers of what is wrong with an object, which is then left out (thrown by default), and of what is
 * left out
 * @throws DatasetError `annotation-invalid`
 */
export function parseVocXml(text: string, where: string, takers: ReadTakers = {}): VocFile {
  const annotation = elementOf(parseXml(text, where), "annotation");
  if (annotation === undefined) throw invalidXml(where, "it has no element <annotation>");
  const source = elementOf(annotation, "source");
  const isVocs = /voc/i.test(
    `${textOf(source, "database")} ${textOf(source, "annotation")} ${textOf(annotation, "folder")}`,
  );
  const objects: (VocObject | undefined)[] = [];
  parseEach(
    elementsOf(annotation, "object"),
    (i) => `${where}, object ${i + 1}`,
    (object, place, i) => {
      objects[i] = undefined;
      if (elementOf(object, "part")) takers.onLoss?.("keypoints", place, elementsOf(object, "part").length);
      objects[i] = parseObject(object, isVocs ? 1 : 0, place);
    },
    takers.onProblem,
  );
  const fileName = textOf(annotation, "filename");
  const size = sizeOf(annotation);
  return { ...(fileName !== undefined && { fileName }), ...(size && { size }), objects };
}

function sizeOf(annotation: XmlElement): VocFile["size"] {
  const size = elementOf(annotation, "size");
  const [width, height] = ["width", "height"].map((name) => numberOfText(textOf(size, name)) ?? 0);
  return width! >= 1 && height! >= 1 ? { width: Math.round(width!), height: Math.round(height!) } : undefined;
}

function parseObject(object: XmlElement, first: 0 | 1, where: string): VocObject {
  const name = textOf(object, "name");
  if (name === undefined || name === "") throw invalidXml(where, `<name> is ${show(name)}`);
  const bboxXywh = parseBox(elementOf(object, "bndbox"), first, where);
  const remarks: Record<string, string | number> = {};
  for (const key of textRemarks) {
    const text = textOf(object, key);
    if (text !== undefined && text !== "") remarks[key] = text;
  }
  for (const key of flagRemarks) {
    const text = textOf(object, key);
    if (text !== undefined && text !== "") remarks[key] = numberOfText(text) ?? text;
  }
  return {
    name,
    ...(bboxXywh && { bboxXywh }),
    ...(Object.keys(remarks).length > 0 && { extra: remarks }),
  };
}

/** @param first the number of the first pixel: from 1 on, the last one is included */
function parseBox(box: XmlElement | undefined, first: 0 | 1, where: string): CocoBoxXywh | undefined {
  if (!box || !elementOf(box, "xmin")) return undefined;
  const [x0, y0, x1, y1] = ["xmin", "ymin", "xmax", "ymax"].map((key) =>
    numberIn(textOf(box, key), key, where),
  ) as [number, number, number, number];
  if (x1 < x0 - first || y1 < y0 - first)
    throw invalidXml(where, `the box ${x0}, ${y0}, ${x1}, ${y1} has a negative size`);
  return cocoBox([x0 - first, y0 - first, x1 - x0 + first, y1 - y0 + first]);
}

const builder = new XMLBuilder({ format: true, indentBy: "\t", processEntities: true });

/**
 * Writes the annotation of an image, boxes as the tools do that people draw with: corners, from 0.
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
      source: { database: "Unknown" },
      size: { width, height, depth: 3 },
      segmented: objects.some(({ annotation }) => annotation.segmentation) ? 1 : 0,
      object: objects.map(({ annotation, className }) => toXmlObject(annotation, className)),
    },
  });
}

/** 0 or another whole number; other formats' fields of these names may hold anything. */
function flagOf(value: JsonValue | undefined): number {
  return typeof value === "boolean" || typeof value === "number" ? Math.trunc(Number(value)) : 0;
}

function toXmlObject({ bboxXywh, extra }: Annotation, name: string): object {
  const [xmin, ymin, xmax, ymax] = boxXywhToXyxy(cocoBox(bboxXywh as BoxXywh));
  return {
    name,
    pose: typeof extra?.pose === "string" ? extra.pose : "Unspecified",
    ...Object.fromEntries(flagRemarks.map((key) => [key, flagOf(extra?.[key])])),
    bndbox: { xmin, ymin, xmax, ymax },
  };
}
