import { encodeLabelPng } from "../../masks/encode-label-png.js";
import { createClassList } from "../class-list.js";
import type { Feature } from "../features.js";
import type { DatasetWriter } from "../format.js";
import { perImageWriter } from "../write-per-image.js";
import {
  formatClassTable,
  planLabels,
  semanticClasses,
  semanticHolds,
  semanticLabel,
  toSemanticMap,
} from "./semantic.js";

/** The numbers, names and colours of the classes. */
export const tableFile = "classes.csv";

/** Semantic label maps: `images/…`, `annotations/….png` of the same names, `classes.csv`. */
export const semanticWriter: DatasetWriter = perImageWriter("semantic", ({ categories }) => {
  const { bits, keepIds } = planLabels(categories);
  const classes = createClassList(categories);
  const labelOf = (categoryId: number | undefined): number =>
    semanticLabel(classes.numberOf(categoryId), categories, keepIds);
  return {
    holds: keepIds ? new Set<Feature>([...semanticHolds, "categoryIds"]) : semanticHolds,
    imageFolder: "images",
    *filesOf(record, stem, losses) {
      const map = toSemanticMap(record, labelOf, bits, losses);
      yield { name: `annotations/${stem}.png`, data: encodeLabelPng(map) };
    },
    closingFiles: () => [
      { name: tableFile, data: formatClassTable(semanticClasses(classes, categories, keepIds)) },
    ],
  };
});
