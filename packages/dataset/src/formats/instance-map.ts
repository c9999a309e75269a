/** Maps whose pixels are numbers of objects, from which the number of the class can be told. */
import { type LabelMap, splitLabelMap } from "../masks/label-map.js";
import type { MaskAnnotation } from "../record.js";
import { newAnnotation } from "./new-annotation.js";

/**
 * What the number of a pixel says: its class and whether it is an object of its own; undefined for no object.
 */
export type NumberMeaning = (
  number: number,
) => { readonly categoryId: number; readonly isObject: boolean } | undefined;

/** The masks of a map; ids count from 1. Regions that are no objects of their own are marked as stuff. */
export function masksOfInstances(map: LabelMap, meaningOf: NumberMeaning): MaskAnnotation[] {
  const annotations: MaskAnnotation[] = [];
  for (const [number, segmentation] of splitLabelMap(map)) {
    const meaning = meaningOf(number);
    if (!meaning) continue;
    const { categoryId, isObject } = meaning;
    annotations.push(
      newAnnotation(annotations.length + 1, segmentation, {
        categoryId,
        ...(!isObject && { isThing: false }),
      }),
    );
  }
  return annotations;
}
