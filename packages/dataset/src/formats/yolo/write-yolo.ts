import { hasMask } from "../../record.js";
import { createClassList } from "../class-list.js";
import type { DatasetWriter } from "../format.js";
import type { LossCounter } from "../losses.js";
import { perImageBoxWriter } from "../write-per-image.js";
import { formatYoloBox, formatYoloLine, labelPathOf, yoloHolds } from "./yolo.js";
import { formatYoloYaml, partsOfNames } from "./yolo-yaml.js";

/**
 * YOLO segmentation, or detection where a set has boxes alone: `images/…`, `labels/….txt` of the same names,
 * `data.yaml`. Tools drop all outlines of a set that has a box alone anywhere, and read one beside outlines
 * as an outline.
 */
export const yoloWriter: DatasetWriter = perImageBoxWriter("yolo", ({ categories }) => {
  const classes = createClassList(categories);
  /** Files of boxes, and how many each has: they are emptied if an outline comes. */
  const boxes = new Map<string, number>();
  let hasOutlines = false;
  let count: LossCounter | undefined;
  return {
    holds: yoloHolds,
    imageFolder: "images",
    isOurs: (name) => /\.txt$/i.test(name), // a folder "images" in a name has its labels among the images
    *filesOf(record, stem, losses) {
      losses.addRecord(record);
      count = losses;
      const { image, annotations } = record;
      const masks = annotations.filter(hasMask);
      hasOutlines ||= masks.length > 0;
      const name = labelPathOf(`images/${stem}`);
      if (hasOutlines) losses.addChanged("bareBoxes", annotations.length - masks.length);
      else if (annotations.length > 0) boxes.set(name, annotations.length);
      const lines = hasOutlines
        ? masks.map((mask) => formatYoloLine(mask, classes.numberOf(mask.categoryId)))
        : annotations.map(({ bboxXywh, categoryId }) =>
            formatYoloBox(bboxXywh, image, classes.numberOf(categoryId)),
          );
      const data = lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join("");
      yield { name, data };
    },
    *closingFiles(stems) {
      for (const [name, boxCount] of hasOutlines ? boxes : []) {
        count?.addChanged("bareBoxes", boxCount);
        yield { name, data: "" };
      }
      const data = formatYoloYaml(classes.names, partsOfNames(stems), (part) => `images/${part}`);
      yield { name: "data.yaml", data };
    },
  };
});
