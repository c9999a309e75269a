import { type MaskRecord, rleToRuns } from "@segany/masks";
import type { FoundMask } from "../state/types.js";

/** A mask of the generator or of a server as the studio keeps it. */
export function foundMaskOf(record: MaskRecord): FoundMask {
  return { ...record, segmentation: rleToRuns(record.segmentation) };
}
