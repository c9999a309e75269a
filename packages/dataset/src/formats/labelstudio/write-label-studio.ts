import type { Annotation, DatasetImage } from "../../record.js";
import { createClassList } from "../class-list.js";
import type { Feature } from "../features.js";
import type { DatasetWriter } from "../format.js";
import { oneFileBoxWriter } from "../write-one-file.js";
import { encodeBrush } from "./brush-rle.js";

/** What Label Studio's JSON can hold. */
export const labelStudioHolds: ReadonlySet<Feature> = new Set<Feature>([
  "bareBoxes",
  "categories",
  "exactMasks",
  "holes",
  "overlaps",
  "parts",
]);

/**
 * Label Studio: `tasks.json` to import, images in `images/`, which is to be served as local files. Masks of
 * one outline are polygons, others brushes, boxes rectangles; the tags are called `brush`, `polygon` and
 * `box`.
 */
export const labelStudioWriter: DatasetWriter = oneFileBoxWriter("labelstudio", ({ categories }) => {
  const classes = createClassList(categories);
  return {
    holds: labelStudioHolds,
    imageFolder: "images",
    fileName: "tasks.json",
    begin: "[",
    entryOf({ image, annotations }, { index }) {
      const result = annotations.map((mark, i) =>
        toResult(mark, classes.names[classes.numberOf(mark.categoryId)]!, image, `r${i + 1}`),
      );
      const task = {
        id: index + 1,
        data: { image: `/data/local-files/?d=images/${encodeURI(image.fileName)}` },
        annotations: [{ id: index + 1, was_cancelled: false, ground_truth: false, result }],
        predictions: [],
      };
      return `${index === 0 ? "" : ","}\n${JSON.stringify(task)}`;
    },
    end: () => "\n]\n",
  };
});

/** Coordinates are hundredths of the image's sides. */
function toResult(
  { segmentation, polygons, bboxXywh }: Annotation,
  label: string,
  { width, height }: DatasetImage,
  id: string,
): object {
  const about = { id, to_name: "image", original_width: width, original_height: height, image_rotation: 0 };
  const x = (value: number): number => (100 * value) / width;
  const y = (value: number): number => (100 * value) / height;
  if (!segmentation) {
    const [left, top, boxWidth, boxHeight] = bboxXywh;
    const value = {
      x: x(left),
      y: y(top),
      width: x(boxWidth),
      height: y(boxHeight),
      rotation: 0,
      rectanglelabels: [label],
    };
    return { ...about, from_name: "box", type: "rectanglelabels", value };
  }
  const [ring, ...others] = polygons ?? [];
  if (ring && others.length === 0) {
    const points = Array.from({ length: ring.length / 2 }, (_, i) => [x(ring[2 * i]!), y(ring[2 * i + 1]!)]);
    return {
      ...about,
      from_name: "polygon",
      type: "polygonlabels",
      value: { points, closed: true, polygonlabels: [label] },
    };
  }
  const value = { format: "rle", rle: encodeBrush(segmentation), brushlabels: [label] };
  return { ...about, from_name: "brush", type: "brushlabels", value };
}
