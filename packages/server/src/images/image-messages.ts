/** Methods of a process that decodes images; see @segany/runtime for the protocol. Pixels stay in files. */
import type { Rle } from "@segany/masks";
import type { Method } from "@segany/runtime";
import type { ImageInfo } from "../contract/images.js";

export interface InspectTask {
  readonly path: string;
  readonly thumbnailPath: string;
  readonly maxPixels: number;
}

export interface RenderTask {
  readonly path: string;
  readonly outputPath: string;
  /** WebP with at most this many pixels per side; undefined for PNG at full size. */
  readonly maxSide: number | undefined;
  readonly maxPixels: number;
}

/** A PNG of an object, transparent around it. */
export interface CutOutTask {
  readonly path: string;
  readonly outputPath: string;
  /** Must have the image's size, checked before the image is decoded. */
  readonly segmentation: Rle;
  readonly paddingPx: number;
  readonly maxPixels: number;
}

/** Size, orientation and type of an image. Width and height are those after the EXIF orientation. */
export interface InspectedImage {
  readonly width: number;
  readonly height: number;
  readonly orientation: ImageInfo["orientation"];
  readonly mediaType: ImageInfo["mediaType"];
}

/** What a process can do with an image. */
export interface ImageMethods {
  readonly inspect: Method<Limited<InspectTask>, InspectedImage>;
  readonly render: Method<Limited<RenderTask>, undefined>;
  readonly cutOut: Method<Limited<CutOutTask>, undefined>;
}

/** A task with a memory limit: above it the process ends itself. */
export type Limited<Task> = Task & { readonly memoryLimitBytes: number };

/** Sent after every task, before its reply. */
export interface ImageProcessNotice {
  /** Resident memory of the process. */
  readonly memoryBytes: number;
}
