import { createClassList } from "../class-list.js";
import type { DatasetWriter } from "../format.js";
import { perImageWriter } from "../write-per-image.js";
import { formatYoloLine, formatYoloYaml, labelPathOf, yoloHolds } from "./yolo.js";

/** YOLO segmentation: `images/…`, `labels/….txt` of the same names, `data.yaml`. */
export const yoloWriter: DatasetWriter = perImageWriter("yolo", ({ categories }) => {
  const classes = createClassList(categories);
  return {
    holds: yoloHolds,
    imageFolder: "images",
    isOurs: (name) => /\.txt$/i.test(name), // a folder "images" in a name has its labels among the images
    *filesOf(record, stem, losses) {
      losses.addRecord(record);
      const lines = record.annotations.map((annotation) =>
        formatYoloLine(annotation, classes.numberOf(annotation.categoryId)),
      );
      const data = lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join("");
      yield { name: labelPathOf(`images/${stem}`), data };
    },
    closingFiles: () => [{ name: "data.yaml", data: formatYoloYaml(classes.names) }],
  };
});
