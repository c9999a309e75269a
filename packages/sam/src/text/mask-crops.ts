/** What CLIP is shown of a mask: square crops, which it does not cut further. */
import { boxOfRuns, type MaskRuns, type RgbaImage } from "@segany/masks";

/** The mean colour of CLIP's images, where a crop has nothing to show. */
const MEAN_COLOUR = [123, 117, 104, 255] as const;

/** A square of an image, in its pixels; it may reach beyond the image. */
interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/**
 * The square around a mask with what surrounds it. Beyond the image it has CLIP's mean colour.
 *
 * @param context how much longer the square is than the longer side of the mask's box: 0.3 for 30 %
 */
export function cropWithContext(image: RgbaImage, mask: MaskRuns, context: number): RgbaImage {
  const square = squareAround(mask, context);
  const { left, top, side } = square;
  const crop = blank(side);
  const [x0, x1] = [Math.max(0, left), Math.min(image.width, left + side)];
  for (let y = Math.max(0, top); y < Math.min(image.height, top + side); y++) {
    const source = image.data.subarray((y * image.width + x0) * 4, (y * image.width + x1) * 4);
    crop.data.set(source, ((y - top) * side + x0 - left) * 4);
  }
  return crop;
}

/** The same square with only the mask's pixels; all others have CLIP's mean colour. */
export function cropOfMask(image: RgbaImage, mask: MaskRuns, context: number): RgbaImage {
  const { left, top, side } = squareAround(mask, context);
  const crop = blank(side);
  eachPixel(mask, (x, y) => {
    const source = (y * image.width + x) * 4;
    const target = ((y - top) * side + x - left) * 4;
    for (let channel = 0; channel < 4; channel++) crop.data[target + channel] = image.data[source + channel]!;
  });
  return crop;
}

/**
 * What SAM's paper shows CLIP of a training mask (appendix D.5): the square around it with what surrounds it,
 * or with all other pixels zero. Its alpha is the mask: 255 on it, 0 elsewhere.
 *
 * @param context as for {@link cropWithContext}; 0 to 1 in the paper
 */
export function cropForPrompt(
  image: RgbaImage,
  mask: MaskRuns,
  { context, zeroed }: { readonly context: number; readonly zeroed: boolean },
): RgbaImage {
  const { left, top, side } = squareAround(mask, context);
  const { data } = cropWithContext(image, mask, context);
  for (let i = 3; i < data.length; i += 4) data[i] = 0;
  eachPixel(mask, (x, y) => {
    data[((y - top) * side + x - left) * 4 + 3] = 255;
  });
  for (let i = 0; zeroed && i < data.length; i += 4) if (data[i + 3] === 0) data.fill(0, i, i + 3);
  return { width: side, height: side, data };
}

function eachPixel({ counts, height }: MaskRuns, visit: (x: number, y: number) => void): void {
  let place = 0; // column-major
  counts.forEach((count, run) => {
    for (let i = place; run % 2 === 1 && i < place + count; i++) visit(Math.floor(i / height), i % height);
    place += count;
  });
}

/** Pixels of the square that a mask is shown in. */
export function cropArea(mask: MaskRuns, context: number): number {
  return squareAround(mask, context).side ** 2;
}

/** At least as large as the mask's box, with the same centre. */
function squareAround(mask: MaskRuns, context: number): Square {
  const [x, y, width, height] = boxOfRuns(mask);
  const side = Math.max(1, width, height, Math.round(Math.max(width, height) * (1 + context)));
  return { left: x - Math.floor((side - width) / 2), top: y - Math.floor((side - height) / 2), side };
}

function blank(side: number): RgbaImage {
  const data = new Uint8ClampedArray(side * side * 4);
  for (let i = 0; i < data.length; i += 4) data.set(MEAN_COLOUR, i);
  return { width: side, height: side, data };
}
