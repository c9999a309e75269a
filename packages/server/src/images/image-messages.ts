/** What the server asks of a process that decodes images; see @segany/runtime for how. Pixels stay in files. */
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
  /** WebP of at most so many pixels a side; without it PNG with all pixels. */
  readonly maxSide: number | undefined;
  readonly maxPixels: number;
}

/** A PNG of an object, see-through around it. */
export interface CutOutTask {
  readonly path: string;
  readonly outputPath: string;
  /** Of the image's size, or it is refused before it is decoded. */
  readonly segmentation: Rle;
  readonly paddingPx: number;
  readonly maxPixels: number;
}

/** What an image is. Sides are as its viewer sees them, after the EXIF orientation. */
export interface InspectedImage {
  readonly width: number;
  readonly height: number;
  readonly mediaType: ImageInfo["mediaType"];
}

/** What a process does with an image. */
export interface ImageMethods {
  readonly inspect: Method<Limited<InspectTask>, InspectedImage>;
  readonly render: Method<Limited<RenderTask>, undefined>;
  readonly cutOut: Method<Limited<CutOutTask>, undefined>;
}

/** A task of which the process ends itself above so much memory. */
export type Limited<Task> = Task & { readonly memoryLimitBytes: number };

/** Told after every task, before its answer. */
export interface ImageProcessNotice {
  /** What the process takes now. */
  readonly memoryBytes: number;
}
