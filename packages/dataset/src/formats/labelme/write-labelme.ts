import { baseNameOf } from "../../names/file-names.js";
import { nameKey } from "../../names/output-names.js";
import { createClassList } from "../class-list.js";
import type { DatasetWriter } from "../format.js";
import { perImageBoxWriter } from "../write-per-image.js";
import { formatLabelme, labelmeHolds, type MaskPngs, toLabelmeShapes } from "./labelme.js";

/** The labels of a data set, one a line. */
export const labelsFile = "labels.txt";

/** LabelMe: `x.json` beside each image `x.jpg`, and the labels in `labels.txt`. */
export function createLabelmeWriter(pngs: Pick<MaskPngs, "encode">): DatasetWriter {
  return perImageBoxWriter("labelme", ({ categories }) => {
    const classes = createClassList(categories);
    return {
      holds: labelmeHolds,
      imageFolder: "",
      isOurs: (name) => /\.json$/i.test(name) || nameKey(name) === labelsFile,
      *filesOf(record, stem, losses) {
        losses.addRecord(record);
        const { image, annotations } = record;
        const shapes = annotations.flatMap((annotation, i) =>
          toLabelmeShapes(annotation, classes.names[classes.numberOf(annotation.categoryId)]!, i + 1, pngs),
        );
        yield { name: `${stem}.json`, data: formatLabelme(baseNameOf(image.fileName), image, shapes) };
      },
      closingFiles: () => [{ name: labelsFile, data: classes.names.map((name) => `${name}\n`).join("") }],
    };
  });
}
