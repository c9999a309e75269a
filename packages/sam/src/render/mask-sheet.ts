import {
  type Accepts,
  type BoxXyxy,
  type ImagePoint,
  type Mask,
  type RgbaImage,
  SamError,
} from "@segany/masks";
import { type PlanarRgbImage, resizeBilinear } from "../images/resize-bilinear.js";
import { longestSideSize } from "../preprocessing/coordinates.js";
import { createImage, pasteImage } from "./canvas.js";
import { type Rgb, WHITE } from "./colours.js";
import { drawMask } from "./draw-masks.js";
import { drawBoxes, drawPoints } from "./draw-prompts.js";
import { textWidth, writeText } from "./draw-text.js";
import { markSizes } from "./mark-sizes.js";

const TEXT_COLOUR: Rgb = [31, 41, 55];

/** A mask with its predicted score. */
export interface ScoredMask {
  readonly mask: Mask;
  /** Predicted IoU, 0..1. */
  readonly score: number;
}

/** Options of `drawMaskSheet`. */
export interface MaskSheetOptions {
  readonly pointCoords?: readonly Accepts<ImagePoint>[];
  readonly pointLabels?: readonly number[];
  readonly boxesXyxy?: readonly BoxXyxy[];
  /** Panels with a longer side are scaled down, so that the sheet of a large photo is not too large. */
  readonly panelLongSidePx?: number;
}

/**
 * Draws the masks of one prompt side by side, each over the image in blue with the prompt's points and boxes,
 * below a line with its number and score: "Mask 2 0.981" (the three-mask figure of Meta's notebooks).
 *
 * @param masks in the image's frame and size, at least one
 * @returns a new opaque image; transparent parts of the image lose their alpha
 * @throws SamError `mask-invalid` without masks or if a mask has another size
 *
 * @example
 * const prompt = { pointCoords: [[610, 430]], pointLabels: [1] } as const;
 * const { masks, iouPredictions } = await predictor.predict(prompt);
 * const scored = masks.map((mask, i) => ({ mask, score: iouPredictions[i]! }));
 * const sheet = drawMaskSheet(image, scored, { ...prompt, panelLongSidePx: 400 });
 * console.log(sheet.width > 3 * 400); // true
 */
export function drawMaskSheet(
  image: RgbaImage,
  masks: readonly ScoredMask[],
  { pointCoords = [], pointLabels = [], boxesXyxy = [], panelLongSidePx = 1200 }: MaskSheetOptions = {},
): RgbaImage<ArrayBuffer> {
  if (masks.length === 0) throw new SamError("mask-invalid", "A mask sheet needs at least one mask.");
  const panelSize =
    Math.max(image.width, image.height) > panelLongSidePx ? longestSideSize(image, panelLongSidePx) : image;
  const captions = masks.map(({ score }, i) => `Mask ${i + 1}  ${score.toFixed(3)}`);
  const longest = captions.reduce((a, b) => (textWidth(a, 1) > textWidth(b, 1) ? a : b));
  const textHeight = Math.min(markSizes(panelSize).textHeightPx, panelSize.width / textWidth(longest, 1));
  const gap = Math.round(textHeight);
  const top = Math.round(3 * textHeight);
  const sheet = createImage(
    { width: masks.length * (panelSize.width + gap) + gap, height: top + panelSize.height + gap },
    WHITE,
  );
  masks.forEach(({ mask }, i) => {
    const panel = drawBoxes(drawPoints(drawMask(image, mask), pointCoords, pointLabels), boxesXyxy);
    const left = gap + i * (panelSize.width + gap);
    pasteImage(sheet, toRgba(resizeBilinear(panel, panelSize)), left, top);
    const indent = (panelSize.width - textWidth(captions[i]!, textHeight)) / 2;
    writeText(sheet, captions[i]!, [left + indent, textHeight], textHeight, TEXT_COLOUR);
  });
  return sheet;
}

function toRgba({ width, height, data }: PlanarRgbImage): RgbaImage<ArrayBuffer> {
  const area = width * height;
  const rgba = new Uint8ClampedArray(4 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[c * area + i]!;
    rgba[4 * i + 3] = 255;
  }
  return { width, height, data: rgba };
}
