import type { ReadProgress } from "../record.js";

/** Settings of `validate`. */
export interface ValidateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called after each image. */
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
  /** The format's name; found out from what lies at the path when absent. */
  readonly format?: string | undefined;
  /** The folder of image files where it isn't at the format's own place. */
  readonly imageFolder?: string | undefined;
  /** Of the set's texts, where it isn't UTF-8. */
  readonly encoding?: string | undefined;
  /** Whether to open each image file and compare its size too; true by default. */
  readonly images?: boolean | undefined;
  /** How many problems are kept with their place, 1000 by default; all are counted. */
  readonly limit?: number | undefined;
}

/** The same for the validator of one format, with nothing left open. */
export interface ValidateSettings
  extends Pick<ValidateOptions, "signal" | "onProgress" | "imageFolder" | "encoding"> {
  readonly images: boolean;
  readonly limit: number;
}
