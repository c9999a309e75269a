/** Masks of files turned with their images, as EXIF turns these. */

import { type DatasetImage, type DatasetRecord, datasetFromRecords } from "@segany/dataset/formats";
import type { MaskFile } from "../formats/imported-file.js";
import type { StudioState } from "../state/types.js";
import { formatNumberOf } from "../text.js";
import { imageOf } from "./add-masks.js";

/**
 * Turns masks whose file has the sizes of the images as they are stored, so that they fit the images as they
 * are seen. The rule is that of every data set.
 */
export async function turnMasks(
  file: MaskFile,
  state: Pick<StudioState, "images" | "openImageId">,
): Promise<MaskFile> {
  const { storedSizeOf, withRecordsAsSeen } = await import("@segany/dataset/readers");
  const isSingle = file.records.length === 1;
  const findTurned = async (image: DatasetImage) => {
    const shown =
      imageOf(image, isSingle, state) ??
      imageOf({ ...image, width: image.height, height: image.width }, isSingle, state);
    const orientation = shown?.orientation ?? 1;
    return shown && orientation !== 1 ? storedSizeOf(shown, orientation) : undefined;
  };
  const records: DatasetRecord[] = [];
  let turned = 0;
  const onLoss = () => void turned++;
  const seen = withRecordsAsSeen(datasetFromRecords(file.records), findTurned);
  for await (const record of seen.records({ onLoss })) records.push(record);
  if (turned === 0) return file;
  const remark = `Masks of ${formatNumberOf(turned, "image")} turned: the file has sizes as stored, before EXIF's turn.`;
  return { ...file, records, remarks: [...file.remarks, remark] };
}
