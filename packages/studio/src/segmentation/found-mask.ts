import { imagePoint, type MaskRecord, rleToRuns } from "@segany/masks";
import { measureShape } from "../state/mask-shape.js";
import type { FoundMask } from "../state/types.js";

/**
 * A mask of the generator or of a server as the studio keeps it. Its box is measured: Meta's is one short.
 */
export function foundMaskOf({
  segmentation,
  predictedIou,
  stabilityScore,
  pointCoords,
}: MaskRecord): FoundMask {
  return {
    ...measureShape(rleToRuns(segmentation)),
    predictedIou,
    stabilityScore,
    points: pointCoords.map(imagePoint),
  };
}
