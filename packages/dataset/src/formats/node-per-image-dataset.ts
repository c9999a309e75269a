/** What readers of formats with a file of masks for each image have in common. */
import { basename, resolve } from "node:path";
import { throwIfAborted } from "../errors.js";
import type { Category, Dataset, DatasetRecord, ReadTakers } from "../record.js";
import { setAside } from "../set-aside.js";

/** A data set whose records are read file by file. */
export interface PerImageSource<Entry> {
  readonly path: string;
  readonly format: string;
  readonly categories: readonly Category[];
  /** What is read for each image, in order. */
  readonly entries: readonly Entry[];
  readonly signal?: AbortSignal | undefined;
  /** What to call an entry in messages. */
  nameOf(entry: Entry): string;
  /** @param id the image's, from 1 */
  readRecord(entry: Entry, id: number, takers: ReadTakers): Promise<DatasetRecord>;
}

/**
 * Makes a data set of files that are read when it is their turn. Ids of annotations count from 1 within the
 * image.
 */
export function perImageDataset<Entry>(source: PerImageSource<Entry>): Dataset {
  const { path, format, categories, entries } = source;
  return {
    name: basename(resolve(path)),
    format,
    categories,
    imageCount: entries.length,
    async *records({ signal, onProgress, ...takers } = {}) {
      let annotations = 0;
      for (const [index, entry] of entries.entries()) {
        throwIfAborted(source.signal);
        throwIfAborted(signal);
        const record = await source
          .readRecord(entry, index + 1, takers)
          .catch((error: unknown) => setAside(error, source.nameOf(entry), takers.onProblem));
        if (!record) continue;
        annotations += record.annotations.length;
        yield record;
        onProgress?.({ images: index + 1, annotations, totalImages: entries.length });
      }
    },
  };
}
