import { type Mask, maskToBoxXyxy, type RgbaImage, SamError } from "@segany/masks";
import { blendPixel, copyImage } from "./canvas.js";
import { distinctColours, MASK_BLUE, type Rgb } from "./colours.js";
import { createContourLayer } from "./contours.js";
import { markSizes } from "./mark-sizes.js";

/** A mask that is decoded only when it is drawn, such as an RLE with its decoder. */
export interface LazyMask {
  readonly areaPx: number;
  /** Decodes the mask. */
  readonly decode: () => Mask;
}

/** Options of `drawMasks`. */
export interface DrawMasksOptions {
  /** Opacity of the masks' colours, 0..1. */
  readonly alpha?: number;
  readonly contours?: boolean;
  /** Selects other colours. */
  readonly seed?: number;
  /** One colour per mask, in order, instead of seeded ones; repeated if there are fewer. */
  readonly colours?: readonly Rgb[];
}

/**
 * Draws masks over an image by decreasing area, so that small masks are on top of large ones (`show_anns` in
 * Meta's notebooks); colours don't mix where masks overlap. Contours are above all fills, half inside and
 * half outside.
 *
 * @param masks in the image's frame and size
 * @returns a new image
 * @throws SamError `mask-invalid` if a mask has another size than the image
 *
 * @example
 * const { masks } = await predictor.predict({ pointCoords: [[610, 430]], pointLabels: [1] });
 * const { width, height } = drawMasks(image, masks, { contours: true });
 * console.log(width, height); // 1200 800
 */
export function drawMasks(
  image: RgbaImage,
  masks: readonly (Mask | LazyMask)[],
  { alpha = 0.45, contours = true, seed = 0, colours }: DrawMasksOptions = {},
): RgbaImage<ArrayBuffer> {
  const drawn = copyImage(image);
  const palette = colours?.length ? colours : distinctColours(masks.length, seed);
  const topMask = new Int32Array(image.width * image.height); // from 1; 0 for none
  const layer = createContourLayer(image, markSizes(image).contourWidthPx);
  for (const index of byFallingArea(masks)) {
    const mask = toDense(masks[index]!);
    checkFits(mask, image);
    fillMask(topMask, mask, index + 1);
    if (contours) layer.add(mask, index + 1);
  }
  for (let i = 0; i < topMask.length; i++) {
    const fill = topMask[i]!;
    if (fill > 0) blendPixel(drawn.data, i, palette[(fill - 1) % palette.length]!, alpha);
    const line = layer.owners[i]!;
    if (line > 0) blendPixel(drawn.data, i, palette[(line - 1) % palette.length]!, layer.coverage[i]! / 255);
  }
  return drawn;
}

/**
 * Draws one mask in translucent blue, like `show_mask` in Meta's notebooks.
 *
 * @example
 * const { masks } = await predictor.predict({ pointCoords: [[610, 430]], pointLabels: [1] });
 * const { width, height } = drawMask(image, masks[0]!, { alpha: 0.5 });
 * console.log(width, height); // 1200 800
 */
export function drawMask(
  image: RgbaImage,
  mask: Mask,
  options: DrawMasksOptions = {},
): RgbaImage<ArrayBuffer> {
  return drawMasks(image, [mask], { alpha: 0.6, contours: false, colours: [MASK_BLUE], ...options });
}

/** Indices of the masks, largest first; equal ones stay in order. */
function byFallingArea(masks: readonly (Mask | LazyMask)[]): number[] {
  const areas = masks.map((mask) => ("areaPx" in mask ? mask.areaPx : areaOf(mask)));
  return masks.map((_, i) => i).sort((a, b) => areas[b]! - areas[a]!);
}

function areaOf({ data }: Mask): number {
  let area = 0;
  for (let i = 0; i < data.length; i++) area += data[i]!;
  return area;
}

function toDense(mask: Mask | LazyMask): Mask {
  return "decode" in mask ? mask.decode() : mask;
}

function checkFits(mask: Mask, image: RgbaImage): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new SamError(
    "mask-invalid",
    `The mask is ${mask.width} x ${mask.height} pixels and the image ${image.width} x ${image.height}; give masks of the image's size.`,
  );
}

function fillMask(topMask: Int32Array, mask: Mask, number: number): void {
  const [x0, y0, x1, y1] = maskToBoxXyxy(mask);
  for (let y = y0; y <= y1; y++) {
    for (let i = y * mask.width + x0; i <= y * mask.width + x1; i++)
      if (mask.data[i] !== 0) topMask[i] = number;
  }
}
