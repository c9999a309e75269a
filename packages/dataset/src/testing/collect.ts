import type { Annotation, Dataset, DatasetImage, IgnoreRegion } from "../record.js";

/** A record whose image's bytes have been read. */
export interface CollectedRecord {
  readonly image: Omit<DatasetImage, "open"> & { readonly bytes: Uint8Array | undefined };
  readonly annotations: readonly Annotation[];
  readonly ignoreRegions?: readonly IgnoreRegion[];
}

/** All records of a small data set in the order of their images' ids, comparable with `toEqual`. */
export async function collect(dataset: Dataset): Promise<CollectedRecord[]> {
  const records: CollectedRecord[] = [];
  for await (const { image, ...rest } of dataset.records()) {
    const { open, ...about } = image;
    records.push({ ...rest, image: { ...about, bytes: open && new Uint8Array(await open()) } });
  }
  return records.sort((a, b) => a.image.id - b.image.id);
}
