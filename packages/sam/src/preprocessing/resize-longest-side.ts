import {
  type Accepts,
  type ExclusiveBoxXyxy,
  type ImagePoint,
  type ModelBoxXyxy,
  type ModelPoint,
  type RgbaImage,
  SamError,
  type Size,
} from "@segany/masks";
import { type PlanarRgbImage, resizeBilinear } from "../images/resize-bilinear.js";
import { longestSideSize, toModelBoxes, toModelPoints } from "./coordinates.js";

/**
 * Resizes images so that their long side has a given length, and moves points and boxes along with them:
 * `segment_anything.utils.transforms.ResizeLongestSide` in JavaScript casing. It holds nothing but that length.
 */
export class ResizeLongestSide {
  /** Pixels of the long side after resizing; 1024 for every published model. */
  readonly targetLength: number;

  /** @throws SamError `option-invalid` unless `targetLength` is a whole number of 1 or more */
  constructor(targetLength: number) {
    if (!Number.isInteger(targetLength) || targetLength < 1) {
      throw new SamError(
        "option-invalid",
        `The target length is ${targetLength}; give a whole number of pixels, 1 or more (SAM's models take 1024).`,
      );
    }
    this.targetLength = targetLength;
  }

  /** Resizes with Pillow's antialiased bilinear filter, equal to the byte; alpha is dropped. */
  applyImage(image: RgbaImage): PlanarRgbImage {
    return resizeBilinear(image, this.getPreprocessShape(image));
  }

  /** Moves N points in pixels of the original image to the resized frame; not rounded. */
  applyCoords(coords: readonly Accepts<ImagePoint>[], originalSize: Size): ModelPoint[] {
    return toModelPoints(coords, originalSize, this.getPreprocessShape(originalSize));
  }

  /** Moves N boxes in pixels of the original image to the resized frame; not rounded. */
  applyBoxes(boxesXyxy: readonly Accepts<ExclusiveBoxXyxy>[], originalSize: Size): ModelBoxXyxy[] {
    return toModelBoxes(boxesXyxy, originalSize, this.getPreprocessShape(originalSize));
  }

  /** The size an image of `originalSize` pixels is resized to. */
  getPreprocessShape(originalSize: Size): Size {
    return longestSideSize(originalSize, this.targetLength);
  }
}
