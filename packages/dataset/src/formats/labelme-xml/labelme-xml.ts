/** LabelMe 3 (the web tool): an XML an image, with polygons, boxes and masks. */
import type { Size } from "@segany/masks";
import { numberOfText } from "../../json/number-of-text.js";
import type { Segmentation } from "../../masks/segmentation.js";
import type { Annotation, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import {
  elementOf,
  elementsOf,
  invalidXml,
  numberIn,
  parseXml,
  textOf,
  type XmlElement,
} from "../read-xml.js";
import { joinMasks, maskOfRing } from "../shapes.js";

/** What an annotation file says. */
export interface LabelmeXmlFile {
  readonly fileName: string | undefined;
  readonly folder: string | undefined;
  readonly size: Size | undefined;
  readonly objects: readonly XmlElement[];
}

/** @throws DatasetError `annotation-invalid` */
export function parseLabelmeXml(text: string, where: string): LabelmeXmlFile {
  const annotation = elementOf(parseXml(text, where), "annotation");
  if (!annotation) throw invalidXml(where, "it has no element <annotation>");
  const size = elementOf(annotation, "imagesize");
  const width = numberOfText(textOf(size, "ncols")) ?? 0;
  const height = numberOfText(textOf(size, "nrows")) ?? 0;
  return {
    fileName: textOf(annotation, "filename"),
    folder: textOf(annotation, "folder"),
    size: width > 0 && height > 0 ? { width, height } : undefined,
    objects: elementsOf(annotation, "object").filter((object) => textOf(object, "deleted") !== "1"),
  };
}

/** The class of an object. */
export function nameOfObject(object: XmlElement): string | undefined {
  return textOf(object, "name") || undefined;
}

/** Reads the PNG of an object's mask, by its name in the file. */
export type ReadMask = (name: string, where: string) => Promise<Segmentation>;

interface Shape {
  readonly id: string;
  readonly partOf: string | undefined;
  readonly name: string | undefined;
  readonly mask?: Segmentation;
  readonly box?: readonly [number, number, number, number];
  readonly isOccluded: boolean;
}

/**
 * Reads the objects of an image. Parts of an object (`ispartof`) of its class are one with it; boxes have no
 * mask.
 *
 * @param takers of what is wrong with an object, which is then left out; thrown by default
 * @throws DatasetError `annotation-invalid` and what reading a mask throws
 */
export async function parseObjects(
  objects: readonly XmlElement[],
  size: Size,
  categoryIds: (name: string) => number | undefined,
  readMask: ReadMask,
  where: string,
  takers: ReadTakers = {},
): Promise<Annotation[]> {
  const read = objects.map((object, i) =>
    parseObject(object, size, readMask, `${where}, object ${i + 1}`, takers),
  );
  const settled = await Promise.allSettled(read);
  const shapes = parseEach(
    settled,
    (i) => `${where}, object ${i + 1}`,
    (outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    },
    takers.onProblem,
  );
  return joinParts(shapes).map(({ name, masks, box, isOccluded }, i) => {
    const categoryId = name === undefined ? undefined : categoryIds(name);
    const fields = {
      ...(categoryId !== undefined && { categoryId }),
      ...(isOccluded && { extra: { occluded: 1 } }),
    };
    if (masks.length === 0) return newBox(i + 1, box!, fields);
    const { segmentation, polygons } = joinMasks(masks);
    return newAnnotation(i + 1, segmentation, { ...fields, ...(polygons && { polygons }) });
  });
}

async function parseObject(
  object: XmlElement,
  size: Size,
  readMask: ReadMask,
  where: string,
  takers: ReadTakers,
): Promise<Shape> {
  const about = {
    id: textOf(object, "id") ?? "",
    partOf: textOf(elementOf(object, "parts"), "ispartof") || undefined,
    name: nameOfObject(object),
    isOccluded: textOf(object, "occluded") === "yes",
  };
  const polygon = elementOf(object, "polygon");
  if (polygon) {
    const ring = pointsOf(polygon, where);
    if (textOf(object, "type") === "bounding_box") return { ...about, box: boxOf(ring, where) };
    return { ...about, mask: maskOfRing(ring, size, where, takers) };
  }
  const name = textOf(elementOf(object, "segm"), "mask");
  if (name === undefined) throw invalidXml(where, "it has neither a <polygon> nor a <segm> with a <mask>");
  return { ...about, mask: await readMask(name, where) };
}

function pointsOf(polygon: XmlElement, where: string): number[] {
  return elementsOf(polygon, "pt").flatMap((point) => [
    numberIn(textOf(point, "x"), "x", where),
    numberIn(textOf(point, "y"), "y", where),
  ]);
}

function boxOf(ring: readonly number[], where: string): [number, number, number, number] {
  if (ring.length < 4) throw invalidXml(where, "its box has less than two corners");
  const xs = ring.filter((_, i) => i % 2 === 0);
  const ys = ring.filter((_, i) => i % 2 === 1);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

interface JoinedShape {
  readonly name: string | undefined;
  readonly masks: Segmentation[];
  readonly box: Shape["box"];
  readonly isOccluded: boolean;
}

function joinParts(shapes: readonly Shape[]): JoinedShape[] {
  const wholes = new Map(
    shapes.filter(({ partOf, mask }) => partOf === undefined && mask).map((shape) => [shape.id, shape]),
  );
  const joined = new Map<Shape, JoinedShape>();
  for (const shape of shapes) {
    const whole = shape.partOf === undefined ? undefined : wholes.get(shape.partOf);
    const owner = whole && shape.mask && whole.name === shape.name ? whole : shape;
    const { name, box, isOccluded } = owner;
    const known = joined.get(owner) ?? { name, masks: [], box, isOccluded };
    joined.set(owner, known);
    if (shape.mask) known.masks.push(shape.mask);
  }
  return [...joined.values()];
}
