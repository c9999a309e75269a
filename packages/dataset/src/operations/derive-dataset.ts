import type { Category, Dataset, DatasetRecord, RecordsOptions } from "../record.js";

/** What becomes of one record in a pass; undefined leaves it out. */
export type RecordStep = (
  record: DatasetRecord,
  index: number,
  pass: RecordsOptions,
) => DatasetRecord | undefined | Promise<DatasetRecord | undefined>;

/**
 * Makes a data set whose records come from another's, one at a time. Counts are unknown before the end.
 *
 * @param begin makes the step anew for each pass, as it may count
 */
export function deriveDataset(
  source: Dataset,
  begin: () => RecordStep,
  categories: readonly Category[] = source.categories,
): Dataset {
  const { imageCount: _images, annotationCount: _annotations, ...about } = source;
  return {
    ...about,
    categories,
    async *records({ onProgress, ...pass } = {}) {
      const step = begin();
      let index = 0;
      let images = 0;
      let annotations = 0;
      for await (const record of source.records(pass)) {
        const derived = await step(record, index++, pass);
        if (!derived) continue;
        yield derived;
        images++;
        annotations += derived.annotations.length;
        onProgress?.({ images, annotations });
      }
    },
  };
}
