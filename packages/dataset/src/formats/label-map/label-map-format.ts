/** Label maps: the number of a mask for each pixel. */
import { rleArea } from "@segany/masks";
import { type LabelMap, paintLabelMap } from "../../masks/label-map.js";
import type { MaskRecord } from "../../record.js";
import type { Feature } from "../features.js";
import type { LossCounter } from "../losses.js";

/** What label maps can hold. */
export const labelMapHolds: ReadonlySet<Feature> = new Set<Feature>(["exactMasks", "holes", "parts"]);

const maxMasks = 65_535;

/**
 * Numbers an image's masks by their order from 1; 8 bits while they are enough, else 16. Counts what gets
 * lost.
 *
 * @example
 * import { boxToRle } from "@segany/masks";
 * const image = { id: 1, fileName: "a.jpg", width: 4, height: 1 };
 * const annotations = [newAnnotation(1, boxToRle([1, 0, 2, 1], image))];
 * const losses = createLossCounter(datasetFromRecords([]), new Set());
 * console.log(toLabelMap({ image, annotations }, losses).data.join(" ")); // 0 1 1 0
 */
export function toLabelMap(record: MaskRecord, losses: LossCounter): LabelMap {
  losses.addRecord(record);
  const withPixels = record.annotations.filter(({ segmentation }) => rleArea(segmentation) > 0);
  losses.add("annotations", Math.max(0, withPixels.length - maxMasks));
  const layers = withPixels.slice(0, maxMasks).map(({ segmentation }, i) => ({ segmentation, label: i + 1 }));
  const { map, sharedPixels } = paintLabelMap(record.image, layers, layers.length < 256 ? 8 : 16);
  losses.add("overlaps", sharedPixels);
  return map;
}
