/** CVAT for images 1.1: one XML with the shapes of all images. */
import type { Size } from "@segany/masks";
import { show } from "../../json/fields.js";
import { numberOfText } from "../../json/number-of-text.js";
import type { Segmentation } from "../../masks/segmentation.js";
import type { Annotation, JsonObject, ReadTakers } from "../../record.js";
import { parseEach } from "../../set-aside.js";
import { newAnnotation, newBox } from "../new-annotation.js";
import { attributeOf, elementOf, elementsOf, invalidXml, textOf, type XmlElement } from "../read-xml.js";
import { joinMasks, maskOfRing, maskOfRowRuns, ringOfEllipse, ringOfTurnedBox } from "../shapes.js";

const shapeNames = ["polygon", "mask", "box", "ellipse"] as const;
type ShapeName = (typeof shapeNames)[number];

/** What a shape is, before shapes of one group are joined. */
interface CvatShape {
  readonly label: string;
  readonly group: string | undefined;
  readonly mask?: Segmentation;
  readonly box?: readonly [number, number, number, number];
  readonly extra: JsonObject | undefined;
}

/**
 * The name of an image in the set: in the folder of its subset, as in exports of projects, where images of
 * several subsets may have one name.
 */
export function nameOfCvatImage(image: XmlElement): string {
  const [name, subset] = [attributeOf(image, "name") ?? "", attributeOf(image, "subset") ?? ""];
  return name === "" || subset === "" || name.startsWith(`${subset}/`) ? name : `${subset}/${name}`;
}

/** The labels of all tasks of a file, in its order, then those that only shapes have. */
export function labelsOfCvat(root: XmlElement): string[] {
  const meta = elementOf(root, "meta");
  const listed = ["task", "job", "project"]
    .flatMap((name) => elementsOf(meta, name))
    .flatMap((task) => elementsOf(elementOf(task, "labels"), "label"))
    .flatMap((label) => textOf(label, "name") ?? []);
  const used = elementsOf(root, "image").flatMap((image) =>
    shapeNames.flatMap((name) =>
      elementsOf(image, name).flatMap((shape) => attributeOf(shape, "label") ?? []),
    ),
  );
  return [...new Set([...listed, ...used])];
}

/**
 * Reads the shapes of an `<image>`: polygons and masks, boxes without a mask; ellipses and turned boxes
 * become outlines. Polygons and masks of one label and group are one object, as in CVAT's own COCO export.
 *
 * @param categoryIds by label
 * @param where what to call the image in an error message
 * @param takers of what is wrong with a shape, which is then left out (thrown by default), and of what is
 * left out
 * @throws DatasetError `annotation-invalid`
 */
export function parseCvatShapes(
  image: XmlElement,
  size: Size,
  categoryIds: (label: string) => number | undefined,
  where: string,
  takers: ReadTakers = {},
): Annotation[] {
  countLost(image, where, takers);
  const entries = shapeNames.flatMap((name) =>
    elementsOf(image, name).map((element, i) => ({ name, element, i })),
  );
  const shapes = parseEach(
    entries,
    (at) => `${where}, ${entries[at]!.name} ${entries[at]!.i + 1}`,
    ({ name, element }, place) => parseShape(name, element, size, place, takers),
    takers.onProblem,
  );
  return joinGroups(shapes).map(({ label, masks, box, extra }, i) => {
    const categoryId = categoryIds(label);
    const fields = { ...(categoryId !== undefined && { categoryId }), ...(extra && { extra }) };
    if (masks.length === 0) return newBox(i + 1, box!, fields);
    const { segmentation, polygons } = joinMasks(masks);
    return newAnnotation(i + 1, segmentation, { ...fields, ...(polygons && { polygons }) });
  });
}

function countLost(image: XmlElement, where: string, { onLoss }: ReadTakers): void {
  const lost = [
    ["lines", ["polyline"]],
    ["keypoints", ["points", "skeleton", "cuboid"]],
    ["imageTags", ["tag"]],
  ] as const;
  for (const [kind, names] of lost) {
    const count = names.reduce((sum, name) => sum + elementsOf(image, name).length, 0);
    if (count > 0) onLoss?.(kind, where, count);
  }
}

function parseShape(
  name: ShapeName,
  element: XmlElement,
  size: Size,
  where: string,
  takers: ReadTakers,
): CvatShape {
  const label = attributeOf(element, "label");
  if (label === undefined || label === "") throw invalidXml(where, "it has no label");
  const group = attributeOf(element, "group_id");
  const number = (key: string): number => {
    const value = numberOfText(attributeOf(element, key));
    if (value !== undefined) return value;
    throw invalidXml(where, `its ${key} is ${show(attributeOf(element, key))}, not a number`);
  };
  const turn = numberOfText(attributeOf(element, "rotation")) ?? 0;
  const about = {
    label,
    group: group === undefined || group === "0" || group === "" ? undefined : group,
    extra: extraOf(element),
  };
  switch (name) {
    case "polygon":
      return { ...about, mask: maskOfRing(pointsOf(element, where), size, where, takers) };
    case "mask": {
      const box = [number("left"), number("top"), number("width"), number("height")] as const;
      const runs = (attributeOf(element, "rle") ?? "")
        .split(",")
        .map((run) => numberOfText(run) ?? Number.NaN);
      return { ...about, mask: { segmentation: maskOfRowRuns(runs, box, size, where) } };
    }
    case "ellipse": {
      const ring = ringOfEllipse(number("cx"), number("cy"), number("rx"), number("ry"), turn);
      return { ...about, mask: { segmentation: maskOfRing(ring, size, where).segmentation } };
    }
    case "box": {
      const [left, top, right, bottom] = [number("xtl"), number("ytl"), number("xbr"), number("ybr")];
      const box = [left, top, right - left, bottom - top] as const;
      if (box[2] < 0 || box[3] < 0)
        throw invalidXml(where, `the box ${[left, top, right, bottom]} has a negative size`);
      if (turn === 0) return { ...about, box };
      const pivot = [left + box[2] / 2, top + box[3] / 2] as const;
      return { ...about, mask: maskOfRing(ringOfTurnedBox(box, pivot, turn), size, where) };
    }
  }
}

/** "x,y;x,y;…" */
function pointsOf(element: XmlElement, where: string): number[] {
  return (attributeOf(element, "points") ?? "").split(";").flatMap((point) => {
    const [x, y, ...more] = point.split(",").map((part) => numberOfText(part));
    if (x !== undefined && y !== undefined && more.length === 0) return [x, y];
    throw invalidXml(where, `the point ${show(point)} is not "x,y" in pixels`);
  });
}

/** `occluded` and the attributes of the label, where they say something. */
function extraOf(element: XmlElement): JsonObject | undefined {
  const attributes = elementsOf(element, "attribute").flatMap((attribute) => {
    const name = attributeOf(attribute, "name");
    return name === undefined ? [] : [[name, String(attribute["#text"] ?? "")] as const];
  });
  const extra = {
    ...(attributeOf(element, "occluded") === "1" && { occluded: 1 }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
  };
  return Object.keys(extra).length > 0 ? extra : undefined;
}

interface JoinedShape {
  readonly label: string;
  readonly masks: Segmentation[];
  readonly box: CvatShape["box"];
  readonly extra: JsonObject | undefined;
}

function joinGroups(shapes: readonly CvatShape[]): JoinedShape[] {
  const groups = new Map<string, JoinedShape>();
  for (const [i, { label, group, mask, box, extra }] of shapes.entries()) {
    const key = group === undefined || !mask ? `${i}` : `group ${JSON.stringify([group, label])}`;
    const known = groups.get(key);
    if (known) known.masks.push(mask!);
    else groups.set(key, { label, masks: mask ? [mask] : [], box, extra });
  }
  return [...groups.values()];
}
