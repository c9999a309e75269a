import type { ExclusiveBoxXyxy, RgbaImage, Size } from "@segany/masks";
import { type PlanarRgbImage, resizeBilinear } from "../images/resize-bilinear.js";
import type { ModelIo } from "../model/model-io.js";
import { longestSideSize } from "./coordinates.js";

/** An image, or a crop of one, resized for the model: small enough to be sent to another process. */
export interface PreparedImage {
  /** At the model's input size, before padding. */
  readonly resized: PlanarRgbImage;
  /** Pixels of the image or crop before resizing. */
  readonly originalSize: Size;
}

/**
 * Resizes an image for a model.
 *
 * @param boxXyxy the part of the image to take; all of it by default
 */
export function prepareImage(
  image: RgbaImage,
  model: Pick<ModelIo, "imageSide" | "fit">,
  boxXyxy?: ExclusiveBoxXyxy,
): PreparedImage {
  const part = boxXyxy ? cropImage(image, boxXyxy) : image;
  const originalSize = { width: part.width, height: part.height };
  return { resized: resizeBilinear(part, modelInputSize(originalSize, model)), originalSize };
}

/**
 * The size an image of `imageSize` pixels has in a model's input, before padding.
 *
 * @example
 * const size = modelInputSize({ width: 1200, height: 800 }, { imageSide: 1024, fit: "pad" });
 * console.log(size); // { width: 1024, height: 683 }
 */
export function modelInputSize(
  imageSize: Size,
  { imageSide, fit }: Pick<ModelIo, "imageSide" | "fit">,
): Size {
  switch (fit) {
    case "pad":
      return longestSideSize(imageSize, imageSide);
    case "stretch":
      return { width: imageSide, height: imageSide };
  }
}

/** Copies a part of an image; returns the image itself if the part is all of it. */
function cropImage(image: RgbaImage, [x0, y0, x1, y1]: ExclusiveBoxXyxy): RgbaImage {
  const width = x1 - x0;
  const height = y1 - y0;
  if (width === image.width && height === image.height) return image;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const start = ((y0 + y) * image.width + x0) * 4;
    data.set(image.data.subarray(start, start + width * 4), y * width * 4);
  }
  return { width, height, data };
}
