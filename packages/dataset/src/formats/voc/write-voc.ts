import { encodeLabelPng } from "../../masks/encode-label-png.js";
import { vocPalette } from "../../masks/voc-palette.js";
import { createClassList } from "../class-list.js";
import type { DatasetWriter } from "../format.js";
import { perImageBoxWriter } from "../write-per-image.js";
import { toVocMaps, vocHolds } from "./voc.js";
import { formatVocXml } from "./voc-xml.js";

/** The names of the classes, by their numbers from 0. */
export const classNamesFile = "class_names.txt";
/** The classes and their colours, as CVAT and Datumaro have it. */
export const labelMapFile = "labelmap.txt";
/** How files of class names call number 0; it and names of numbers below (`__ignore__`) are no classes. */
export const backgroundName = "_background_";

/** Pascal VOC segmentation: images, the two maps of each with VOC's palette, XML, the lists of names. */
export const vocWriter: DatasetWriter = perImageBoxWriter("voc", ({ categories }) => {
  const classes = createClassList(categories);
  return {
    holds: vocHolds,
    imageFolder: "JPEGImages",
    *filesOf(record, stem, losses) {
      const { classMap, objectMap, objects } = toVocMaps(record, classes, losses);
      yield { name: `SegmentationClass/${stem}.png`, data: encodeLabelPng(classMap) };
      yield { name: `SegmentationObject/${stem}.png`, data: encodeLabelPng(objectMap) };
      yield { name: `Annotations/${stem}.xml`, data: formatVocXml(record.image, objects) };
    },
    *closingFiles(stems) {
      yield { name: classNamesFile, data: `${[backgroundName, ...classes.names].join("\n")}\n` };
      yield { name: labelMapFile, data: formatLabelMap(classes.names) };
      for (const kind of ["Main", "Segmentation"])
        yield { name: `ImageSets/${kind}/trainval.txt`, data: `${stems.join("\n")}\n` };
    },
  };
});

function formatLabelMap(names: readonly string[]): string {
  const lines = ["background", ...names].map((name, number) => {
    const colour = vocPalette[number]!.join(",");
    return `${name.replaceAll(":", "_")}:${colour}::`;
  });
  return `${["# label:color_rgb:parts:actions", ...lines].join("\n")}\n`;
}
