/** The one place that decides in which frame a data set's masks are, where EXIF turns its images. */
import type { Dataset, DatasetImage, DatasetRecord, RecordsOptions } from "../record.js";
import { frameOf, type StoredSize } from "./frames.js";
import { turnRecord } from "./turn-record.js";

/** Finds the stored size of an image that EXIF turns; undefined for all others. */
export type FindTurnedSize = (image: DatasetImage) => Promise<StoredSize | undefined>;

/** What a data set's sizes are of. */
type Frame = "seen" | "stored";

/**
 * Gives the records of a data set with sizes, masks, boxes and points of the images as they are seen. Where
 * EXIF turns an image and the set has the size of its stored pixels, they are turned with it, and told as
 * `storedSizes`. Where both sizes are the same, as after a half turn, the set's first image that tells is
 * asked; without one they are taken as seen.
 */
export function withRecordsAsSeen(dataset: Dataset, turnedSizeOf: FindTurnedSize): Dataset {
  let decided: Promise<Frame> | undefined;
  const decide = (options: RecordsOptions): Promise<Frame> => {
    decided ??= firstFrame(dataset, turnedSizeOf, options).catch((error: unknown) => {
      decided = undefined; // such as a cancellation, which is of this pass alone
      throw error;
    });
    return decided;
  };

  async function asSeen(record: DatasetRecord, options: RecordsOptions): Promise<DatasetRecord> {
    const { image } = record;
    const stored = await turnedSizeOf(image);
    if (!stored) return record;
    const frame = frameOf(image, stored);
    if (frame === "seen" || frame === "neither") return record;
    if (frame === "either" && (await decide(options)) === "seen") return record;
    options.onLoss?.("storedSizes", image.fileName);
    return turnRecord(record, stored.orientation);
  }

  return {
    ...dataset,
    async *records(options = {}) {
      for await (const record of dataset.records(options)) yield asSeen(record, options);
    },
  };
}

/** Looks through a data set for an image whose two sizes differ. */
async function firstFrame(
  dataset: Dataset,
  turnedSizeOf: FindTurnedSize,
  { signal }: RecordsOptions,
): Promise<Frame> {
  for await (const { image } of dataset.records({ signal, onProblem: () => {} })) {
    const stored = await turnedSizeOf(image);
    const frame = stored && frameOf(image, stored);
    if (frame === "seen" || frame === "stored") return frame;
  }
  return "seen";
}
