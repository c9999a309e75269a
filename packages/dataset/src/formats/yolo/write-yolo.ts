import { hasMask } from "../../record.js";
import { createClassList } from "../class-list.js";
import type { DatasetWriter } from "../format.js";
import { perImageBoxWriter } from "../write-per-image.js";
import { formatYoloBox, formatYoloLine, labelPathOf, yoloHolds } from "./yolo.js";
import { formatYoloYaml, partsOfNames } from "./yolo-yaml.js";

/**
 * YOLO segmentation, or detection in images with boxes alone: `images/…`, `labels/….txt` of the same names,
 * `data.yaml`.
 */
export const yoloWriter: DatasetWriter = perImageBoxWriter("yolo", ({ categories }) => {
  const classes = createClassList(categories);
  return {
    holds: yoloHolds,
    imageFolder: "images",
    isOurs: (name) => /\.txt$/i.test(name), // a folder "images" in a name has its labels among the images
    *filesOf(record, stem, losses) {
      losses.addRecord(record);
      const { image, annotations } = record;
      const masks = annotations.filter(hasMask);
      // The tools take a file with an outline for outlines alone, and would read a box in it as one.
      if (masks.length > 0) losses.addChanged("bareBoxes", annotations.length - masks.length);
      const lines =
        masks.length > 0
          ? masks.map((mask) => formatYoloLine(mask, classes.numberOf(mask.categoryId)))
          : annotations.map(({ bboxXywh, categoryId }) =>
              formatYoloBox(bboxXywh, image, classes.numberOf(categoryId)),
            );
      const data = lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join("");
      yield { name: labelPathOf(`images/${stem}`), data };
    },
    closingFiles: (stems) => {
      const data = formatYoloYaml(classes.names, partsOfNames(stems), (part) => `images/${part}`);
      return [{ name: "data.yaml", data }];
    },
  };
});
