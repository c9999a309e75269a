import { throwIfAborted } from "../errors.js";
import type { Dataset, DatasetRecord, RecordsOptions } from "../record.js";

/**
 * Makes a data set of records that are in memory.
 *
 * @param about what a data set says besides its records; unnamed and without classes by default
 *
 * @example
 * const dataset = datasetFromRecords([
 *   { image: { id: 1, fileName: "a.jpg", width: 64, height: 48 }, annotations: [] },
 * ]);
 * const { images } = await collectStatistics(dataset);
 * console.log(images); // 1
 */
export function datasetFromRecords(
  records: readonly DatasetRecord[],
  about: Partial<Pick<Dataset, "name" | "format" | "categories" | "info" | "licenses">> = {},
): Dataset {
  return {
    name: "records",
    format: "memory",
    categories: [],
    ...about,
    imageCount: records.length,
    annotationCount: records.reduce((sum, { annotations }) => sum + annotations.length, 0),
    async *records({ signal, onProgress }: RecordsOptions = {}) {
      let images = 0;
      let annotations = 0;
      for (const record of records) {
        throwIfAborted(signal);
        yield record;
        images++;
        annotations += record.annotations.length;
        onProgress?.({ images, annotations, totalImages: records.length });
      }
    },
  };
}
