/** The uppermost layer: the mask being made, what the cursor is on, points, box, brush and alternatives. */

import type { Size } from "@segany/masks";
import type { Draft } from "../state/document.js";
import { fanOfDraft } from "./alternative-fan.js";
import { DRAFT_COLOUR, WHITE } from "./colours.js";
import { drawFan } from "./draw-fan.js";
import { drawBox, drawMaskBoxes, drawPoints } from "./draw-prompts.js";
import { drawShape } from "./draw-shape.js";
import { drawBrushCursor, drawStroke } from "./draw-stroke.js";
import { type Context2d, clearCanvas, type Frame } from "./frame.js";
import type { Pointing } from "./pointing.js";
import type { Pyramid } from "./pyramid.js";
import type { OverlayScene } from "./scene.js";

/** The draft stands out from kept objects. */
const DRAFT_TINT = 1.15;

/** @param size pixels of the image */
export function drawOverlay(
  context: Context2d,
  scene: OverlayScene,
  pointing: Pointing,
  pyramid: Pyramid | null,
  size: Size,
  frame: Frame,
): void {
  clearCanvas(context);
  const opacity = Math.min(0.85, scene.opacity * DRAFT_TINT);
  if (scene.draft) {
    drawShape(
      context,
      scene.draft.segmentation,
      { colour: DRAFT_COLOUR, opacity, linePx: 2, shaded: true },
      frame,
    );
  }
  const { doing } = pointing;
  if (doing.kind === "stroke") drawStroke(context, doing.stroke, doing.mode, opacity, frame);
  for (const { segmentation, colour } of scene.lit) {
    drawShape(context, segmentation, { colour, opacity: 0.25, linePx: 3, shaded: true }, frame);
  }
  if (scene.preview) {
    const dashPx = scene.draft ? [6, 4] : [];
    const style = { colour: WHITE, opacity: scene.draft ? 0 : 0.15, linePx: 2, shaded: true, dashPx };
    drawShape(context, scene.preview.segmentation, style, frame);
  }
  drawMaskBoxes(context, scene.boxes, frame);
  if (scene.boxXyxy) drawBox(context, scene.boxXyxy, frame);
  drawPoints(context, scene.points, pointing.pointId, frame);
  drawAlternatives(context, scene.asked, pointing, pyramid, size, frame);
  if (scene.brush && pointing.cursor && doing.kind !== "pan") {
    drawBrushCursor(context, pointing.cursor, scene.brush.diameterPx, scene.brush.mode, frame);
  }
}

function drawAlternatives(
  context: Context2d,
  draft: Draft,
  { doing, fan }: Pointing,
  pyramid: Pyramid | null,
  size: Size,
  frame: Frame,
): void {
  const { alternatives, chosen } = draft;
  if (!alternatives || !pyramid || doing.kind !== "nothing") return;
  const cards = fanOfDraft(draft, frame.view, frame.stage, fan.isOpen);
  if (cards.length === 0) return;
  drawFan(context, { cards, alternatives, chosen, hovered: fan.card }, pyramid, size, frame);
}
