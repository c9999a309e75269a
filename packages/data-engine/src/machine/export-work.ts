import type { ExportState } from "../datasets/project-dataset.js";

/** Kind of the work that writes a project's masks as a data set, into a zip file. */
export const EXPORT = "export";

/** Payload of {@link EXPORT}. */
export interface ExportWork {
  readonly project: string;
  /** A format of the package `@segany/dataset` that is written. */
  readonly format: string;
  readonly state: ExportState;
  /** Whether the image files are in it. */
  readonly images: boolean;
}

/** Result of {@link EXPORT}. */
export interface ExportResult {
  /** Key of the zip file. */
  readonly file: string;
  readonly bytes: number;
  readonly images: number;
  readonly annotations: number;
  readonly imageFiles: number;
  /** What the format can't hold. */
  readonly losses: readonly { readonly what: string; readonly count: number }[];
}
