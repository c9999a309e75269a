/** What the server and a process that decodes images say to each other. Pixels stay in files. */
import type { Rle } from "@segany/masks";
import type { ApiErrorCode } from "../contract/errors.js";
import type { ImageInfo } from "../contract/images.js";

export interface InspectTask {
  readonly kind: "inspect";
  readonly path: string;
  readonly thumbnailPath: string;
  readonly maxPixels: number;
}

export interface RenderTask {
  readonly kind: "render";
  readonly path: string;
  readonly outputPath: string;
  /** WebP of at most so many pixels a side; without it PNG with all pixels. */
  readonly maxSide: number | undefined;
  readonly maxPixels: number;
}

/** A PNG of an object, see-through around it. */
export interface CutOutTask {
  readonly kind: "cut-out";
  readonly path: string;
  readonly outputPath: string;
  /** Of the image's size, or it is refused before it is decoded. */
  readonly segmentation: Rle;
  readonly paddingPx: number;
  readonly maxPixels: number;
}

export type ImageTask = InspectTask | RenderTask | CutOutTask;

/** What an image is. Sides are as its viewer sees them, after the EXIF orientation. */
export interface InspectedImage {
  readonly width: number;
  readonly height: number;
  readonly mediaType: ImageInfo["mediaType"];
}

export interface ToImageProcess {
  readonly task: ImageTask;
  /** The process ends itself above so much. */
  readonly memoryLimitBytes: number;
}

export type ImageOutcome =
  | { readonly kind: "done"; readonly result: InspectedImage | undefined }
  | { readonly kind: "error"; readonly code: ApiErrorCode; readonly message: string };

export interface FromImageProcess {
  readonly outcome: ImageOutcome;
  /** What the process takes now. */
  readonly memoryBytes: number;
}
