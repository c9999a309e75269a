import {
  type Accepts,
  type ExclusiveBoxXyxy,
  type ImagePoint,
  imagePoint,
  type ModelBoxXyxy,
  type ModelPoint,
  modelBox,
  modelPoint,
  type Size,
} from "@segany/masks";

/**
 * The size of an image after its long side is resized to `longSideLength` pixels, before padding
 * (`ResizeLongestSide.get_preprocess_shape` in Meta's repository: halves round up). A side that would round
 * to 0, as in an image of 5000 x 1, stays 1 pixel; Meta's code fails there.
 */
export function longestSideSize(imageSize: Size, longSideLength: number): Size {
  const scale = longSideLength / Math.max(imageSize.width, imageSize.height);
  return {
    width: Math.max(1, Math.floor(imageSize.width * scale + 0.5)),
    height: Math.max(1, Math.floor(imageSize.height * scale + 0.5)),
  };
}

/**
 * Maps points from the original image to the model's input frame: multiplied by new/old on each axis, not
 * rounded (`ResizeLongestSide.apply_coords`).
 *
 * @param points N points (x, y) in pixels of the original image
 * @param inputSize the image's size in the model's frame, before padding
 */
export function toModelPoints(
  points: readonly Accepts<ImagePoint>[],
  imageSize: Size,
  inputSize: Size,
): ModelPoint[] {
  const scaleX = inputSize.width / imageSize.width;
  const scaleY = inputSize.height / imageSize.height;
  return points.map(([x, y]) => modelPoint([x * scaleX, y * scaleY]));
}

/**
 * Maps points from the model's input frame back to the original image; the inverse of `toModelPoints`.
 *
 * @param points N points (x, y) in pixels of the model's frame
 * @internal for tests
 */
export function toImagePoints(
  points: readonly Accepts<ModelPoint>[],
  imageSize: Size,
  inputSize: Size,
): ImagePoint[] {
  const scaleX = imageSize.width / inputSize.width;
  const scaleY = imageSize.height / inputSize.height;
  return points.map(([x, y]) => imagePoint([x * scaleX, y * scaleY]));
}

/**
 * Maps boxes from the original image to the model's input frame (`ResizeLongestSide.apply_boxes`): both
 * corners as points.
 *
 * @param boxesXyxy N boxes in pixels of the original image
 * @returns N boxes in pixels of the model's frame, not rounded
 */
export function toModelBoxes(
  boxesXyxy: readonly Accepts<ExclusiveBoxXyxy>[],
  imageSize: Size,
  inputSize: Size,
): ModelBoxXyxy[] {
  const scaleX = inputSize.width / imageSize.width;
  const scaleY = inputSize.height / imageSize.height;
  return boxesXyxy.map(([x0, y0, x1, y1]) => modelBox([x0 * scaleX, y0 * scaleY, x1 * scaleX, y1 * scaleY]));
}
