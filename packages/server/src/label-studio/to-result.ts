import { randomUUID } from "node:crypto";
import { encodeBrush } from "@segany/dataset/formats";
import { areaOfRuns, rleToRuns, runsToPolygons } from "@segany/masks";
import type { PredictResponse } from "../contract/predict.js";
import type { LabelTags } from "./label-config.js";
import { simplifyRing } from "./simplify-ring.js";

/** The best mask of an answer as a region of Label Studio. */
export function toResult(
  { masks }: PredictResponse,
  { image, target }: LabelTags,
  label: string | undefined,
): { readonly result: readonly object[]; readonly score: number } {
  const best = masks.reduce((one, other) => (other.predicted_iou > one.predicted_iou ? other : one));
  const { segmentation, predicted_iou: score } = best;
  const [height, width] = segmentation.size;
  const value = target.type === "brushlabels" ? brushOf(segmentation) : polygonOf(segmentation);
  if (!value) return { result: [], score: 0 };
  const region = {
    ...{ id: randomUUID().slice(0, 10), from_name: target.name, to_name: image.name, type: target.type },
    ...{ original_width: width, original_height: height, image_rotation: 0, score, readonly: false },
    value: { ...value, ...(label !== undefined && { [target.type]: [label] }) },
  };
  return { result: [region], score };
}

type Rle = PredictResponse["masks"][number]["segmentation"];

function brushOf(mask: Rle) {
  return areaOfRuns(rleToRuns(mask)) === 0 ? undefined : { format: "rle", rle: encodeBrush(mask) };
}

/** Deviation of an outline from the mask's, pixels: fewer corners are easier to move. */
const TOLERANCE_PX = 1;

/** The outline of the largest part; Label Studio's polygons have no holes. */
function polygonOf(mask: Rle) {
  const [height, width] = mask.size;
  const largest = runsToPolygons(rleToRuns(mask)).reduce<readonly number[]>(
    (one, { outer }) => (areaOf(outer) > areaOf(one) ? outer : one),
    [],
  );
  const points = simplifyRing(largest, TOLERANCE_PX).map(([x, y]) => [(100 * x) / width, (100 * y) / height]);
  return points.length < 3 ? undefined : { points, closed: true };
}

function areaOf(ring: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    sum += ring[i]! * ring[next + 1]! - ring[next]! * ring[i + 1]!;
  }
  return Math.abs(sum) / 2;
}
