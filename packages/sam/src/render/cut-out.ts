import {
  checkSameSize,
  type Mask,
  maskToBoxXyxy,
  type RgbaImage,
  SamError,
  toExclusiveBox,
} from "@segany/masks";
import { checkImage } from "../images/check-image.js";

/**
 * Cuts an object out of an image: the tight box around its mask, with everything else transparent and black,
 * so that no surroundings stay in the file. The image's own alpha is preserved inside.
 *
 * @param mask in the image's frame and size
 * @returns a new image
 * @throws SamError `mask-invalid` if the mask is empty or of another size, `option-invalid`
 *
 * @example
 * const { masks } = await predictor.predict({ pointCoords: [[610, 430]], pointLabels: [1] });
 * const pear = cutOut(image, masks[0]!, { paddingPx: 8 });
 * const png = await encodePng(pear);
 * console.log(png.length > 0); // true
 */
export function cutOut(
  image: RgbaImage,
  mask: Mask,
  {
    paddingPx = 0,
  }: {
    /** Transparent pixels to add on each side, also at the image's edge. */ readonly paddingPx?: number;
  } = {},
): RgbaImage<ArrayBuffer> {
  checkImage(image);
  if (!Number.isInteger(paddingPx) || paddingPx < 0) {
    throw new SamError("option-invalid", `The padding is ${paddingPx}; give an integer of 0 or more.`);
  }
  checkSameSize(mask, { width: image.width, height: image.height, data: mask.data });
  if (!mask.data.includes(1))
    throw new SamError("mask-invalid", "The mask is empty: there is nothing to cut out.");
  const [x0, y0, x1, y1] = toExclusiveBox(maskToBoxXyxy(mask));
  const width = x1 - x0 + 2 * paddingPx;
  const height = y1 - y0 + 2 * paddingPx;
  const target = new Uint32Array(width * height);
  const source = toWords(image.data);
  for (let y = y0; y < y1; y++) {
    const shift = (y - y0 + paddingPx) * width + paddingPx - x0;
    for (let x = x0; x < x1; x++) {
      const i = y * image.width + x;
      if (mask.data[i] !== 0) target[shift + x] = source[i]!;
    }
  }
  return { width, height, data: new Uint8ClampedArray(target.buffer) };
}

/** One number per pixel; copies only if the data is not aligned to four bytes. */
function toWords(data: Uint8ClampedArray): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
