/** The alternatives' cards: each shows its mask on the image, and the number of the key that picks it. */

import type { BoxXywh, Size } from "@segany/masks";
import type { Alternative } from "../state/document.js";
import { fanSquare } from "./alternative-fan.js";
import { cssColour, DRAFT_COLOUR, SHADE, WHITE } from "./colours.js";
import { type Context2d, type Frame, inScreenPixels } from "./frame.js";
import { outlinePath } from "./outline.js";
import { levelFor, type Pyramid } from "./pyramid.js";

const CORNER_PX = 8;

export interface FanDrawing {
  readonly cards: readonly BoxXywh[];
  readonly alternatives: readonly Alternative[];
  readonly chosen: number;
  /** The card under the cursor. */
  readonly hovered: number | null;
}

/** @param size pixels of the image */
export function drawFan(
  context: Context2d,
  { cards, alternatives, chosen, hovered }: FanDrawing,
  pyramid: Pyramid,
  size: Size,
  frame: Frame,
): void {
  const square = fanSquare(alternatives);
  // The first one lies on top.
  for (let i = cards.length - 1; i >= 0; i--) {
    inScreenPixels(context, frame);
    const [x, y, width, height] = cards[i]!;
    context.save();
    context.beginPath();
    context.roundRect(x, y, width, height, CORNER_PX);
    context.fillStyle = cssColour(SHADE);
    context.fill();
    context.clip();
    drawView(context, alternatives[i]!, square, cards[i]!, pyramid, size, frame);
    context.restore();
    inScreenPixels(context, frame);
    const isLit = i === chosen || i === hovered;
    context.beginPath();
    context.roundRect(x, y, width, height, CORNER_PX);
    context.strokeStyle = cssColour(SHADE, 0.6);
    context.lineWidth = 4;
    context.stroke();
    context.strokeStyle = cssColour(isLit ? DRAFT_COLOUR : WHITE);
    context.lineWidth = 2;
    context.stroke();
    drawNumber(context, i + 1, x, y, i === chosen);
  }
}

function drawView(
  context: Context2d,
  { segmentation }: Alternative,
  [left, top, side]: BoxXywh,
  [x, y, width]: BoxXywh,
  pyramid: Pyramid,
  size: Size,
  { pixelRatio }: Frame,
): void {
  const scale = width / side;
  const bitmap = levelFor(pyramid, scale * pixelRatio);
  context.translate(x - left * scale, y - top * scale);
  context.scale(scale, scale);
  context.imageSmoothingEnabled = true;
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  context.fillStyle = cssColour(SHADE, 0.45);
  context.fillRect(left, top, side, side);
  const path = outlinePath(segmentation, scale * pixelRatio);
  context.fillStyle = cssColour(DRAFT_COLOUR, 0.75);
  context.fill(path, "evenodd");
  context.strokeStyle = cssColour(WHITE);
  context.lineWidth = 1 / scale;
  context.stroke(path);
}

function drawNumber(context: Context2d, number: number, x: number, y: number, isChosen: boolean): void {
  context.beginPath();
  context.roundRect(x + 4, y + 4, 16, 16, 4);
  context.fillStyle = isChosen ? cssColour(DRAFT_COLOUR) : cssColour(SHADE, 0.75);
  context.fill();
  context.fillStyle = cssColour(WHITE);
  context.font = "600 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(String(number), x + 12, y + 12.5);
}
