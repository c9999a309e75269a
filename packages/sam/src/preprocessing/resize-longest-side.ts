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
 * Resizes images so that their long side has a given length, and maps points and boxes accordingly:
 * `segment_anything.utils.transforms.ResizeLongestSide` in JavaScript casing.
 *
 * @example
 * const transform = new ResizeLongestSide(1024);
 * console.log(transform.applyCoords([[600, 400]], { width: 1200, height: 800 })); // [ [ 512, 341.5 ] ]
 */
export class ResizeLongestSide {
  /** Pixels of the long side after resizing; 1024 for every published model. */
  readonly targetLength: number;

  /** @throws SamError `option-invalid` unless `targetLength` is an integer of 1 or more */
  constructor(targetLength: number) {
    if (!Number.isInteger(targetLength) || targetLength < 1) {
      throw new SamError(
        "option-invalid",
        `The target length is ${targetLength}; give an integer of 1 or more (SAM's models use 1024).`,
      );
    }
    this.targetLength = targetLength;
  }

  /** Resizes with Pillow's antialiased bilinear filter, bit-identical; alpha is dropped. */
  applyImage(image: RgbaImage): PlanarRgbImage {
    return resizeBilinear(image, this.getPreprocessShape(image));
  }

  /** Maps N points in pixels of the original image to the resized frame; not rounded. */
  applyCoords(coords: readonly Accepts<ImagePoint>[], originalSize: Size): ModelPoint[] {
    return toModelPoints(coords, originalSize, this.getPreprocessShape(originalSize));
  }

  /** Maps N boxes in pixels of the original image to the resized frame; not rounded. */
  applyBoxes(boxesXyxy: readonly Accepts<ExclusiveBoxXyxy>[], originalSize: Size): ModelBoxXyxy[] {
    return toModelBoxes(boxesXyxy, originalSize, this.getPreprocessShape(originalSize));
  }

  /** The size that an image of `originalSize` pixels is resized to. */
  getPreprocessShape(originalSize: Size): Size {
    return longestSideSize(originalSize, this.targetLength);
  }
}
