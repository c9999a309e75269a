import type { Dataset } from "../record.js";
import { deriveDataset } from "./derive-dataset.js";

/**
 * Makes crowds ordinary objects: for sets whose tool set the flag of each mask, which then is never scored.
 *
 * @example
 * let crowds = 0;
 * for await (const { annotations } of clearCrowds(dataset).records())
 *   crowds += annotations.filter(({ isCrowd }) => isCrowd).length;
 * console.log(crowds); // 0
 */
export function clearCrowds(dataset: Dataset): Dataset {
  const { imageCount, annotationCount } = dataset;
  const cleared = deriveDataset(dataset, () => (record) => ({
    ...record,
    annotations: record.annotations.map((annotation) => ({ ...annotation, isCrowd: false })),
  }));
  return {
    ...cleared,
    ...(imageCount !== undefined && { imageCount }),
    ...(annotationCount !== undefined && { annotationCount }),
  };
}
