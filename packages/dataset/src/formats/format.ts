import type { ValidationReport } from "../checks/problems.js";
import type { ValidateSettings } from "../checks/validate-settings.js";
import type { Sight } from "../files/sight.js";
import type { RenamedFile } from "../names/output-names.js";
import type { DatasetOutput } from "../output.js";
import type { Dataset, ReadTakers } from "../record.js";
import type { Feature, Loss } from "./features.js";

/**
 * Settings that every reader takes. What its takers get is of the set as a whole, such as the name of a
 * class.
 */
export interface ReadOptions extends ReadTakers {
  readonly signal?: AbortSignal | undefined;
  /** The folder of image files where it isn't at the format's own place. */
  readonly images?: string | undefined;
  /** Of the set's texts, where it isn't UTF-8; by a name that browsers know, such as "gb18030". */
  readonly encoding?: string | undefined;
}

/** How far writing has come. */
export interface WriteProgress {
  readonly images: number;
  readonly annotations: number;
  /** All images, where the data set knows. */
  readonly totalImages?: number;
}

/** Settings that every writer takes. */
export interface WriteOptions extends ReadTakers {
  readonly signal?: AbortSignal | undefined;
  /** Called after each image. */
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined;
  /**
   * Go on with an output that was begun before with the same data set and settings: files that hold what
   * would be written are kept. Others are made anew where a run was stopped, and refused (`output-exists`) in
   * any other folder. Without it, an output folder with anything in it is refused (`output-exists`).
   */
  readonly resume?: boolean | undefined;
  /** Whether image files are copied too; "none" writes annotations alone. */
  readonly images?: "copy" | "none" | undefined;
}

/** What was written. */
export interface WriteReport {
  readonly format: string;
  readonly images: number;
  readonly annotations: number;
  /** Image files written; less than `images` where files are missing or were not asked for. */
  readonly imageFiles: number;
  /** Files that were there already and were kept (`resume`). */
  readonly keptFiles: number;
  /** What the format cannot hold, most frequent first; empty when nothing was lost. */
  readonly losses: readonly Loss[];
  /** Images without a file where image files are copied: how many, and the names of the first thousand. */
  readonly missingImages: { readonly count: number; readonly names: readonly string[] };
  /**
   * Image files that are written under another name, the first thousand; `losses` counts all as `fileNames`.
   */
  readonly renamed?: readonly RenamedFile[];
}

/** How a format writes; on both platforms, wherever the files go. */
export interface DatasetWriter<Options extends WriteOptions = WriteOptions> {
  /** The format's name. */
  readonly format: string;
  /**
   * Writes a data set.
   *
   * @throws DatasetError `name-unsafe`, `dataset-invalid` for two images of one name, `aborted` and whatever
   * reading the source or the output throws
   */
  write(dataset: Dataset, output: DatasetOutput, options?: Options): Promise<WriteReport>;
}

/** Whether what was seen is a format's; a text says why it nearly is, for messages. */
export type Detection = boolean | string;

/** A format on disk that is read. */
export interface ReadableFormat {
  /** As the user names it: "coco". */
  readonly name: string;
  /** One line for lists and help. */
  readonly title: string;
  /** Whether what is seen looks like this format; reads as little as possible and never throws. */
  detect(sight: Sight): Promise<Detection>;
  /**
   * Opens a data set. Sizes and masks are as the files have them; `openDataset` turns those that are of
   * images before EXIF's turn.
   *
   * @throws DatasetError `dataset-not-found`, `dataset-invalid` and whatever damaged content leads to
   */
  read(path: string, options?: ReadOptions): Promise<Dataset>;
  /**
   * Checks a data set more closely than by reading it, which is what `validate` does without this.
   *
   * @throws DatasetError only for what is no fault of the data set, such as `aborted`
   */
  validate?(path: string, settings: ValidateSettings): Promise<ValidationReport>;
}

/** A format on disk that is read and written. */
export interface DatasetFormat extends ReadableFormat {
  /** What it can hold; `losses` is everything else a data set has. */
  readonly holds: ReadonlySet<Feature>;
  /** How it writes, wherever the files go. */
  readonly writer: DatasetWriter;
  /**
   * Writes a data set into a folder of its own; each file appears whole or not at all.
   *
   * @throws DatasetError `output-exists`, `file-unwritable`, `aborted` and whatever reading the source throws
   */
  write(dataset: Dataset, path: string, options?: WriteOptions): Promise<WriteReport>;
  /**
   * Writes what the format's tools want above the folders of a set's parts, which are written already.
   *
   * @param path the folder of the parts
   * @param parts names of their folders
   * @throws DatasetError `output-exists` where another file has the name, `file-unwritable`
   */
  writeAboveParts?(path: string, parts: readonly string[]): Promise<void>;
}
