/** Views of an image: what augmentation makes of it, the same for the image and its masks. */
import {
  cropRuns,
  type Mask,
  type MaskRuns,
  maskToRuns,
  type RgbaImage,
  runsToMask,
  type Size,
} from "@segany/masks";
import type { Random } from "../random/random.js";
import { adjustColor, type ColorFactors, type ColorSettings, drawColor } from "./color.js";
import { shrinkImage, shrinkMask } from "./shrink.js";

/** A part of an image, mirrored or not, in its own colours and at its own scale or not. */
export interface View {
  /** The part, whole pixels [x, y, width, height]. */
  readonly crop: readonly [number, number, number, number];
  /** Mirrored left to right, after the crop. */
  readonly flipped: boolean;
  /** Missing: the colours are those of the image. */
  readonly color?: ColorFactors;
  /** Share of its size at which the crop is shown, on a canvas of its size; missing: it fills the canvas. */
  readonly shrunk?: number;
}

/** How views are drawn. */
export interface ViewSettings extends ColorSettings {
  /** Whether half of them are mirrored. */
  readonly flip: boolean;
  /** Smallest side of a crop, as a share of the image's; 1: no crops. */
  readonly minCrop: number;
  /**
   * Range of the scale, drawn evenly, at which the crop is shown: large-scale jitter (Ghiasi et al., arXiv
   * 2012.07177; the paper's is 0.1 to 2). Above 1 a square window of the crop fills the model's input, below
   * 1 the crop is padded. [1, 1], the default: as it is.
   */
  readonly scaleJitter?: readonly [smallest: number, largest: number];
}

/** The image as it is. */
export function wholeView({ width, height }: Size): View {
  return { crop: [0, 0, width, height], flipped: false };
}

/**
 * Draws a view: a crop of the image's proportions, anywhere, each share of its sides as likely; then what
 * else the settings ask for.
 */
export function drawView(random: Random, size: Size, settings: ViewSettings): View {
  const { flip, minCrop, scaleJitter = [1, 1] } = settings;
  const share = minCrop + (1 - minCrop) * random.unit();
  const crop = drawWindow(random, [0, 0, size.width, size.height], size.width * share, size.height * share);
  const flipped = flip && random.unit() < 0.5;
  const color = drawColor(random, settings);
  return { ...drawScale(random, crop, scaleJitter), flipped, ...(color && { color }) };
}

/** A window of about the given size, anywhere in a crop. */
function drawWindow(random: Random, [x, y, width, height]: View["crop"], w: number, h: number): View["crop"] {
  const columns = Math.min(width, Math.max(1, Math.round(w)));
  const rows = Math.min(height, Math.max(1, Math.round(h)));
  return [x + random.below(width - columns + 1), y + random.below(height - rows + 1), columns, rows];
}

function drawScale(
  random: Random,
  crop: View["crop"],
  [smallest, largest]: NonNullable<ViewSettings["scaleJitter"]>,
): Pick<View, "crop" | "shrunk"> {
  if (smallest === 1 && largest === 1) return { crop };
  const scale = smallest + (largest - smallest) * random.unit();
  if (scale < 1) return { crop, shrunk: scale };
  const side = Math.max(crop[2], crop[3]) / scale;
  return { crop: drawWindow(random, crop, side, side) };
}

/** The pixels of a view: cropped, mirrored, coloured, then shrunk. */
export function viewImage(image: RgbaImage, { crop, flipped, color, shrunk }: View): RgbaImage {
  const part = cropImage(image, crop, flipped);
  const colored = color ? adjustColor(part, color) : part;
  return shrunk === undefined ? colored : shrinkImage(colored, shrunk);
}

function cropImage(image: RgbaImage, [x, y, width, height]: View["crop"], flipped: boolean): RgbaImage {
  const data = new Uint8ClampedArray(width * height * 4);
  const from = new Uint32Array(image.data.slice().buffer);
  const to = new Uint32Array(data.buffer);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * image.width + x;
    const line = from.subarray(start, start + width);
    to.set(flipped ? line.toReversed() : line, row * width);
  }
  return { width, height, data };
}

/** The part of a mask that a view shows; empty where it shows none. */
export function viewMask(mask: MaskRuns, { crop, flipped, shrunk }: View): MaskRuns {
  const [x, y, width, height] = crop;
  const isWhole = x === 0 && y === 0 && width === mask.width && height === mask.height;
  const part = isWhole ? mask : cropRuns(mask, [x, y, width, height]);
  if (!flipped && shrunk === undefined) return part;
  const turned = flipped ? mirrored(runsToMask(part)) : runsToMask(part);
  return maskToRuns(shrunk === undefined ? turned : shrinkMask(turned, shrunk));
}

/**
 * Where a view shows a pixel of the image.
 *
 * @returns the centre of the pixel in the view; undefined outside the crop
 */
export function viewPoint(
  [px, py]: readonly [number, number],
  { crop, flipped, shrunk = 1 }: View,
): readonly [number, number] | undefined {
  const [x, y, width, height] = crop;
  const [column, row] = [px - x, py - y];
  if (column < 0 || row < 0 || column >= width || row >= height) return undefined;
  return [((flipped ? width - 1 - column : column) + 0.5) * shrunk, (row + 0.5) * shrunk];
}

function mirrored({ width, height, data }: Mask): Mask {
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < height; row++)
    turned.set(data.subarray(row * width, (row + 1) * width).toReversed(), row * width);
  return { width, height, data: turned };
}
