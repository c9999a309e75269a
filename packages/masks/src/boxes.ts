import { cocoBox, exclusiveBox, imagePoint, inclusiveBox, metaBox } from "./brands.js";
import type {
  Accepts,
  BoxXywh,
  BoxXyxy,
  CocoBoxXywh,
  ExclusiveBoxXyxy,
  ImagePoint,
  InclusiveBoxXyxy,
  MetaBoxXywh,
  Point,
} from "./frames.js";
import { checkMask } from "./mask.js";
import type { Mask } from "./types.js";

/**
 * The tight box around a mask: first and last column and row, the last ones included; [0, 0, 0, 0] for an
 * empty mask (`batched_mask_to_box` in Meta's repository). A mask of only the first pixel gives the same box.
 *
 * @returns pixels in the mask's frame
 *
 * @example
 * console.log(maskToBoxXyxy(mask)); // [ 0, 0, 5, 2 ]
 */
export function maskToBoxXyxy(mask: Mask): InclusiveBoxXyxy {
  checkMask(mask);
  const { width, data } = mask;
  const first = data.indexOf(1);
  if (first < 0) return inclusiveBox([0, 0, 0, 0]);
  const top = Math.floor(first / width);
  const bottom = Math.floor(data.lastIndexOf(1) / width);
  let left = width;
  let right = -1;
  for (let y = top; y <= bottom; y++) {
    const row = y * width;
    // Only columns outside the box so far can widen it.
    for (let x = 0; x < left; x++) if (data[row + x] !== 0) left = x;
    for (let x = width - 1; x > right; x--) if (data[row + x] !== 0) right = x;
  }
  return inclusiveBox([left, top, right, bottom]);
}

/**
 * Corners to corner and size by plain subtraction (`box_xyxy_to_xywh` in Meta's repository). With an
 * inclusive last pixel the size comes out one pixel less than COCO's: that is Meta's box.
 *
 * @example
 * console.log(boxXyxyToXywh([10, 20, 40, 60])); // [ 10, 20, 30, 40 ]
 */
export function boxXyxyToXywh(box: InclusiveBoxXyxy): MetaBoxXywh;
export function boxXyxyToXywh(box: ExclusiveBoxXyxy): CocoBoxXywh;
export function boxXyxyToXywh(box: BoxXyxy): BoxXywh;
export function boxXyxyToXywh([x0, y0, x1, y1]: BoxXyxy): BoxXywh {
  return [x0, y0, x1 - x0, y1 - y0];
}

/**
 * Corner and size to corners by plain addition, the inverse of `boxXyxyToXywh`.
 *
 * @example
 * console.log(boxXywhToXyxy([10, 20, 30, 40])); // [ 10, 20, 40, 60 ]
 */
export function boxXywhToXyxy(box: MetaBoxXywh): InclusiveBoxXyxy;
export function boxXywhToXyxy(box: CocoBoxXywh): ExclusiveBoxXyxy;
export function boxXywhToXyxy(box: BoxXywh): BoxXyxy;
export function boxXywhToXyxy([x, y, width, height]: BoxXywh): BoxXyxy {
  return [x, y, x + width, y + height];
}

// The one place where a box loses or gains its last column and row.

/**
 * From the last column and row to where the box ends.
 *
 * @example
 * console.log(toExclusiveBox([0, 0, 3, 3])); // [ 0, 0, 4, 4 ]
 */
export function toExclusiveBox([x0, y0, x1, y1]: Accepts<InclusiveBoxXyxy>): ExclusiveBoxXyxy {
  return exclusiveBox([x0, y0, x1 + 1, y1 + 1]);
}

/**
 * From where a box ends to its last column and row; an empty box gives its corner, as of an empty mask.
 *
 * @example
 * console.log(toInclusiveBox([0, 0, 4, 4])); // [ 0, 0, 3, 3 ]
 */
export function toInclusiveBox([x0, y0, x1, y1]: Accepts<ExclusiveBoxXyxy>): InclusiveBoxXyxy {
  return inclusiveBox([x0, y0, Math.max(x0, x1 - 1), Math.max(y0, y1 - 1)]);
}

/**
 * COCO's form of a box that Meta's generator wrote.
 *
 * @example
 * console.log(metaToCocoBox([10, 20, 29, 39])); // [ 10, 20, 30, 40 ]
 */
export function metaToCocoBox(box: Accepts<MetaBoxXywh>): CocoBoxXywh {
  return boxXyxyToXywh(toExclusiveBox(boxXywhToXyxy(metaBox(box))));
}

/**
 * A box as Meta's generator writes it.
 *
 * @example
 * console.log(cocoToMetaBox([10, 20, 30, 40])); // [ 10, 20, 29, 39 ]
 */
export function cocoToMetaBox(box: Accepts<CocoBoxXywh>): MetaBoxXywh {
  return boxXyxyToXywh(toInclusiveBox(boxXywhToXyxy(cocoBox(box))));
}

/**
 * Intersection over union of two boxes with area (x1 - x0) * (y1 - y0), as torchvision's `box_iou`: corners
 * are positions, not pixels. Two boxes without area give 0/0, NaN.
 *
 * @example
 * console.log(boxIou([0, 0, 2, 2], [1, 0, 3, 2])); // 0.3333333333333333
 */
export function boxIou(a: BoxXyxy, b: BoxXyxy): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const intersection = width * height;
  return intersection / (boxArea(a) + boxArea(b) - intersection);
}

function boxArea([x0, y0, x1, y1]: BoxXyxy): number {
  return (x1 - x0) * (y1 - y0);
}

/**
 * Whether a box comes close to an edge of its crop without that side being close to the same edge of the
 * image: such a mask was probably cut (`is_box_near_crop_edge` in Meta's repository). Each side of the box is
 * compared only with the same side of the crop and of the image.
 *
 * @param boxXyxy pixels in the crop's frame
 * @param cropBoxXyxy the crop in the image's frame
 * @param imageBoxXyxy the image, [0, 0, width, height]
 * @param tolerancePx how far is close, inclusive
 *
 * @example
 * // The crop ends at column 100, the image at 200.
 * console.log(isBoxNearCropEdge([10, 10, 95, 90], [0, 0, 100, 100], [0, 0, 200, 100])); // true
 */
export function isBoxNearCropEdge(
  boxXyxy: BoxXyxy,
  cropBoxXyxy: Accepts<ExclusiveBoxXyxy>,
  imageBoxXyxy: Accepts<ExclusiveBoxXyxy>,
  tolerancePx = 20,
): boolean {
  const box = uncropBox(boxXyxy, cropBoxXyxy);
  return box.some((side, i) => {
    const nearCrop = Math.abs(side - cropBoxXyxy[i]!) <= tolerancePx;
    const nearImage = Math.abs(side - imageBoxXyxy[i]!) <= tolerancePx;
    return nearCrop && !nearImage;
  });
}

/**
 * Moves a box from the crop's frame to the image's, in pixels (`uncrop_boxes_xyxy` in Meta's repository).
 *
 * @example
 * console.log(uncropBox([0, 0, 3, 3], [100, 50, 200, 150])); // [ 100, 50, 103, 53 ]
 */
export function uncropBox(box: InclusiveBoxXyxy, crop: Accepts<ExclusiveBoxXyxy>): InclusiveBoxXyxy;
export function uncropBox(box: BoxXyxy, crop: Accepts<ExclusiveBoxXyxy>): BoxXyxy;
export function uncropBox([x0, y0, x1, y1]: BoxXyxy, [cropX, cropY]: Accepts<ExclusiveBoxXyxy>): BoxXyxy {
  return [x0 + cropX, y0 + cropY, x1 + cropX, y1 + cropY];
}

/**
 * Moves a point from the crop's frame to the image's, in pixels (`uncrop_points` in Meta's repository).
 *
 * @example
 * console.log(uncropPoint([1, 2], [100, 50, 200, 150])); // [ 101, 52 ]
 */
export function uncropPoint([x, y]: Point, [cropX, cropY]: Accepts<ExclusiveBoxXyxy>): ImagePoint {
  return imagePoint([x + cropX, y + cropY]);
}
