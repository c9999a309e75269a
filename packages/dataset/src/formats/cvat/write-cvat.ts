import { cropRle, decodeRle, rleToBoxXywh } from "@segany/masks";
import { XMLBuilder } from "fast-xml-parser";
import type { Annotation, MaskAnnotation } from "../../record.js";
import { createClassList } from "../class-list.js";
import type { Feature } from "../features.js";
import type { DatasetWriter } from "../format.js";
import { oneFileBoxWriter } from "../write-one-file.js";

/** What CVAT's XML can hold. */
export const cvatHolds: ReadonlySet<Feature> = new Set<Feature>([
  "bareBoxes",
  "categories",
  "exactMasks",
  "holes",
  "overlaps",
  "parts",
  "polygons",
]);

const builder = new XMLBuilder({
  format: true,
  indentBy: "  ",
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  processEntities: true,
  suppressEmptyNode: false,
  suppressBooleanAttributes: false,
});

/**
 * CVAT for images 1.1: `annotations.xml`, images in `images/`. Outlines that a mask was filled from stay
 * polygons, of several parts joined by a group; other masks are written as masks.
 */
export const cvatWriter: DatasetWriter = oneFileBoxWriter("cvat", ({ categories }) => {
  const classes = createClassList(categories);
  const labels = (classes.names.length > 0 ? classes.names : ["object"]).map((name) => ({
    name,
    attributes: "",
  }));
  const meta = builder.build({ meta: { task: { name: "segany", labels: { label: labels } } } });
  return {
    holds: cvatHolds,
    imageFolder: "images",
    fileName: "annotations.xml",
    begin: `<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n${meta}`,
    entryOf({ image, annotations }, { index }) {
      const shapes = annotations.flatMap((mark, i) =>
        shapesOf(mark, classes.names[classes.numberOf(mark.categoryId)]!, i + 1),
      );
      const ofKind = (kind: Shape["kind"]) =>
        shapes.filter((shape) => shape.kind === kind).map(({ fields }) => fields);
      const { fileName, width, height } = image;
      return builder.build({
        image: {
          "@id": index,
          "@name": fileName,
          "@width": width,
          "@height": height,
          polygon: ofKind("polygon"),
          mask: ofKind("mask"),
          box: ofKind("box"),
        },
      });
    },
    end: () => "</annotations>\n",
  };
});

interface Shape {
  readonly kind: "polygon" | "mask" | "box";
  readonly fields: Readonly<Record<`@${string}`, string | number>>;
}

function shapesOf(annotation: Annotation, label: string, group: number): Shape[] {
  const { segmentation, polygons, bboxXywh, extra } = annotation;
  const about = {
    "@label": label,
    "@source": "manual",
    "@occluded": extra?.occluded === 1 ? 1 : 0,
    "@z_order": 0,
  };
  if (!segmentation) {
    const [x, y, width, height] = bboxXywh;
    return [
      { kind: "box", fields: { ...about, "@xtl": x, "@ytl": y, "@xbr": x + width, "@ybr": y + height } },
    ];
  }
  if (!polygons)
    return [{ kind: "mask", fields: { ...about, ...maskFields({ ...annotation, segmentation }) } }];
  return polygons.map((ring) => ({
    kind: "polygon",
    fields: { ...about, "@points": pointsOf(ring), ...(polygons.length > 1 && { "@group_id": group }) },
  }));
}

function pointsOf(ring: readonly number[]): string {
  return Array.from({ length: ring.length / 2 }, (_, i) => `${ring[2 * i]},${ring[2 * i + 1]}`).join(";");
}

/** The runs by rows of the mask's box, beginning outside. */
function maskFields({ segmentation }: MaskAnnotation): Shape["fields"] {
  const box = rleToBoxXywh(segmentation);
  const { data } = decodeRle(cropRle(segmentation, box));
  const runs: number[] = [];
  let value = 0;
  let length = 0;
  for (const pixel of data) {
    if (pixel === value) length++;
    else {
      runs.push(length);
      [value, length] = [pixel, 1];
    }
  }
  runs.push(length);
  const [left, top, width, height] = box;
  return { "@rle": runs.join(", "), "@left": left, "@top": top, "@width": width, "@height": height };
}
