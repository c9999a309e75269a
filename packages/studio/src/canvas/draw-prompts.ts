/** Marks of what the user asked: points and the box. */

import { boxXywhToXyxy, type CocoBoxXywh, type ExclusiveBoxXyxy, imagePoint } from "@segany/masks";
import type { Rgb } from "@segany/sam";
import type { PromptPoint } from "../state/document.js";
import { ADD_COLOUR, cssColour, DRAFT_COLOUR, REMOVE_COLOUR, SHADE, WHITE } from "./colours.js";
import { type Context2d, type Frame, inScreenPixels } from "./frame.js";
import { type ScreenPoint, toScreenPoint } from "./view.js";

/** CSS pixels. */
const POINT_RADIUS_PX = 8;
const HANDLE_PX = 9;

/** @param hoveredId the point under the cursor, which shows that a click takes it away */
export function drawPoints(
  context: Context2d,
  points: readonly PromptPoint[],
  hoveredId: string | null,
  frame: Frame,
): void {
  inScreenPixels(context, frame);
  for (const { id, at, label } of points) {
    const isHovered = id === hoveredId;
    const place = toScreenPoint(frame.view, at);
    const radius = POINT_RADIUS_PX + (isHovered ? 2 : 0);
    drawDisc(context, place, radius + 3, cssColour(SHADE, 0.45));
    drawDisc(context, place, radius + 2, cssColour(WHITE));
    drawDisc(context, place, radius, cssColour(label === 1 ? ADD_COLOUR : REMOVE_COLOUR));
    if (isHovered) drawCross(context, place);
    else drawSign(context, place, label);
  }
}

function drawDisc(context: Context2d, [x, y]: ScreenPoint, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** Plus or minus: labels are told apart without their colours too. */
function drawSign(context: Context2d, [x, y]: ScreenPoint, label: 0 | 1): void {
  context.fillStyle = cssColour(WHITE);
  context.fillRect(x - 4.5, y - 1, 9, 2);
  if (label === 1) context.fillRect(x - 1, y - 4.5, 2, 9);
}

function drawCross(context: Context2d, [x, y]: ScreenPoint): void {
  context.strokeStyle = cssColour(WHITE);
  context.lineWidth = 2;
  context.lineCap = "round";
  context.beginPath();
  for (const [dx, dy] of [
    [4, 4],
    [4, -4],
  ] as const) {
    context.moveTo(x - dx, y - dy);
    context.lineTo(x + dx, y + dy);
  }
  context.stroke();
  context.lineCap = "butt";
}

/** The box's sides, and handles where it can be taken hold of. */
export function drawBox(context: Context2d, [x0, y0, x1, y1]: ExclusiveBoxXyxy, frame: Frame): void {
  inScreenPixels(context, frame);
  const [left, top] = toScreenPoint(frame.view, imagePoint([x0, y0]));
  const [right, bottom] = toScreenPoint(frame.view, imagePoint([x1, y1]));
  strokeRect(context, left, top, right - left, bottom - top, 4, SHADE, 0.5);
  strokeRect(context, left, top, right - left, bottom - top, 2, WHITE, 1);
  for (const x of [left, right]) {
    for (const y of [top, bottom]) {
      const corner = [x - HANDLE_PX / 2, y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX] as const;
      context.fillStyle = cssColour(WHITE);
      context.fillRect(...corner);
      strokeRect(context, ...corner, 1.5, DRAFT_COLOUR, 1);
    }
  }
}

/** Boxes of masks in their colours: a box that is larger than its object shows where a stray pixel is. */
export function drawMaskBoxes(
  context: Context2d,
  masks: readonly { readonly boxXywh: CocoBoxXywh; readonly colour: Rgb }[],
  frame: Frame,
): void {
  inScreenPixels(context, frame);
  for (const { boxXywh, colour } of masks) {
    const [x0, y0, x1, y1] = boxXywhToXyxy(boxXywh);
    const [left, top] = toScreenPoint(frame.view, imagePoint([x0, y0]));
    const [right, bottom] = toScreenPoint(frame.view, imagePoint([x1, y1]));
    strokeRect(context, left, top, right - left, bottom - top, 3, SHADE, 0.5);
    strokeRect(context, left, top, right - left, bottom - top, 1.5, colour, 1);
  }
}

function strokeRect(
  context: Context2d,
  x: number,
  y: number,
  width: number,
  height: number,
  linePx: number,
  colour: Rgb,
  alpha: number,
): void {
  context.strokeStyle = cssColour(colour, alpha);
  context.lineWidth = linePx;
  context.strokeRect(x, y, width, height);
}
