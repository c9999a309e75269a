import { type ExclusiveBoxXyxy, exclusiveBox, type Size } from "@segany/masks";

/** A part of the image that is segmented separately. */
export interface Crop {
  /** Pixels of the image. */
  readonly boxXyxy: ExclusiveBoxXyxy;
  /** 0 is the whole image; layer i has 4^i crops. */
  readonly layer: number;
}

/**
 * Generates the whole image, then 2^i x 2^i overlapping crops per layer (`generate_crop_boxes`): the overlap
 * is `overlapRatio` of the image's short side in layer 1 and halves with each layer.
 *
 * @example
 * const crops = generateCropBoxes({ width: 1200, height: 800 }, 1, 0.34);
 * console.log(crops.length, crops[1]?.boxXyxy); // 5 [ 0, 0, 736, 536 ]
 */
export function generateCropBoxes(
  { width, height }: Size,
  cropNLayers: number,
  overlapRatio: number,
): Crop[] {
  const crops: Crop[] = [{ boxXyxy: exclusiveBox([0, 0, width, height]), layer: 0 }];
  for (let layer = 1; layer <= cropNLayers; layer++) {
    const perSide = 2 ** layer;
    const overlap = Math.trunc(overlapRatio * Math.min(width, height) * (2 / perSide));
    const cropWidth = Math.ceil((overlap * (perSide - 1) + width) / perSide);
    const cropHeight = Math.ceil((overlap * (perSide - 1) + height) / perSide);
    for (let column = 0; column < perSide; column++) {
      for (let row = 0; row < perSide; row++) {
        const x0 = (cropWidth - overlap) * column;
        const y0 = (cropHeight - overlap) * row;
        const [x1, y1] = [Math.min(x0 + cropWidth, width), Math.min(y0 + cropHeight, height)];
        crops.push({ boxXyxy: exclusiveBox([x0, y0, x1, y1]), layer });
      }
    }
  }
  return crops;
}
