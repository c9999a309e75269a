import {
  type MaskRecord,
  type MaskRecordOf,
  type MaskRuns,
  type OutputMode,
  runsToMask,
  runsToRle,
  runsToUncompressedRle,
  type SegmentationByMode,
} from "@segany/masks";

/** A record as an engine gives it, with its mask in the form that is handed out. */
export function inOutputMode<Mode extends OutputMode>(
  record: MaskRecord<MaskRuns>,
  mode: Mode,
): MaskRecordOf<Mode> {
  return { ...record, segmentation: segmentationOf(record.segmentation, mode) as SegmentationByMode[Mode] };
}

function segmentationOf(mask: MaskRuns, mode: OutputMode): SegmentationByMode[OutputMode] {
  switch (mode) {
    case "binary_mask":
      return runsToMask(mask);
    case "uncompressed_rle":
      return runsToUncompressedRle(mask);
    case "coco_rle":
      return runsToRle(mask);
  }
}
