/**
 * The masks of an image as one bitmap, made in slices of a few milliseconds and shown moved or stretched
 * while a better one is made: with hundreds of masks no frame waits for all of them to be drawn.
 */

import {
  boxXywhToXyxy,
  type CocoBoxXywh,
  type ExclusiveBoxXyxy,
  exclusiveBox,
  type MaskRuns,
} from "@segany/masks";
import type { Rgb } from "@segany/sam";
import { drawShape } from "./draw-shape.js";
import { type Context2d, clearCanvas, type Frame, inImagePixels } from "./frame.js";

/** A mask of the layer; the same object for as long as it looks the same. */
export interface LayerShape {
  readonly segmentation: MaskRuns;
  readonly boxXywh: CocoBoxXywh;
  readonly colour: Rgb;
}

/** What the layer shows. The same array means that nothing has changed. */
export interface LayerContent {
  readonly shapes: readonly LayerShape[];
  /** Of the tint, 0 to 1. */
  readonly opacity: number;
}

export interface ShapeLayer {
  /**
   * Draws the layer as well as it can be by now.
   *
   * @returns whether another call will show it better
   */
  draw(context: Context2d, content: LayerContent, frame: Frame): boolean;
  /** Forgets what was drawn: the next content is of another image. */
  reset(): void;
}

/** A bitmap of the shapes, for a view and somewhat more than what it shows. */
interface Snapshot {
  readonly image: ImageBitmap;
  readonly content: LayerContent;
  /** Its stage is the image's: the margins are in it. */
  readonly frame: Frame;
}

/** A snapshot that is being drawn. */
interface Sketch {
  readonly context: OffscreenCanvasRenderingContext2D;
  readonly content: LayerContent;
  readonly frame: Frame;
  /** The shapes that have still to be drawn, from `next` on. */
  readonly shapes: readonly LayerShape[];
  next: number;
}

/**
 * Drawn beyond each side of the stage, as a share of its length: an image can be pushed so far without a new
 * bitmap.
 */
const MARGIN = 0.15;

/** So long a frame may draw at shapes. A single one can take longer, by a few milliseconds at most. */
const SLICE_MS = 6;

const LINE_PX = 1.5;

/** @param now a clock in milliseconds */
export function createShapeLayer(now: () => number): ShapeLayer {
  let shown: Snapshot | null = null;
  let sketch: Sketch | null = null;
  /** Canvases are large: one is used again and again. */
  let canvas: OffscreenCanvas | null = null;

  function work(content: LayerContent, frame: Frame): void {
    if (sketch && !isSameContent(sketch.content, content)) sketch = null;
    if (!sketch) {
      canvas = canvasFor(frame, canvas);
      sketch = beginSketch(canvas, shown, content, frame);
    }
    drawSlice(sketch, now);
    if (sketch.next < sketch.shapes.length) return;
    shown?.image.close();
    shown = { image: sketch.context.canvas.transferToImageBitmap(), content, frame: sketch.frame };
    sketch = null;
  }

  return {
    draw(context, content, frame) {
      if (!shown || !isGood(shown, content, frame)) work(content, frame);
      clearCanvas(context);
      if (shown) show(context, shown, frame);
      return !shown || !isGood(shown, content, frame);
    },
    reset() {
      shown?.image.close();
      shown = null;
      sketch = null;
    },
  };
}

/** The frame with its margins, and the canvas's pixels for it. */
function withMargins({ view, stage, pixelRatio }: Frame): Frame {
  const marginX = Math.ceil(stage.width * MARGIN);
  const marginY = Math.ceil(stage.height * MARGIN);
  return {
    view: { scale: view.scale, offsetX: view.offsetX + marginX, offsetY: view.offsetY + marginY },
    stage: { width: stage.width + 2 * marginX, height: stage.height + 2 * marginY },
    pixelRatio,
  };
}

function canvasFor(frame: Frame, known: OffscreenCanvas | null): OffscreenCanvas {
  const { stage, pixelRatio } = withMargins(frame);
  const width = Math.ceil(stage.width * pixelRatio);
  const height = Math.ceil(stage.height * pixelRatio);
  return known?.width === width && known.height === height ? known : new OffscreenCanvas(width, height);
}

/** Only what differs from what is shown is drawn anew, if the view is still the same. */
function beginSketch(
  canvas: OffscreenCanvas,
  shown: Snapshot | null,
  content: LayerContent,
  frame: Frame,
): Sketch {
  // Drawn in memory, not on a graphics processor: there a slice's end could not be told.
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.restore();
  context.save();
  clearCanvas(context);
  const { shapes, opacity } = content;
  if (!shown || shown.content.opacity !== opacity || !isInView(shown.frame, frame)) {
    return { context, content, frame: withMargins(frame), shapes, next: 0 };
  }
  context.drawImage(shown.image, 0, 0);
  const changed = unionBox(differingShapes(shown.content.shapes, shapes).map(({ boxXywh }) => boxXywh));
  clipToBox(context, changed, shown.frame);
  const touched = shapes.filter(({ boxXywh }) => changed && touches(boxXywh, changed, shown.frame));
  return { context, content, frame: shown.frame, shapes: touched, next: 0 };
}

/** Shapes that only one of the lists has, and those that change places with others. */
function differingShapes(before: readonly LayerShape[], after: readonly LayerShape[]): LayerShape[] {
  const had = new Set(before);
  const has = new Set(after);
  const kept = before.filter((shape) => has.has(shape));
  const moved = after.filter((shape) => had.has(shape)).filter((shape, i) => shape !== kept[i]);
  return [
    ...before.filter((shape) => !has.has(shape)),
    ...after.filter((shape) => !had.has(shape)),
    ...moved,
  ];
}

/** The box around all of them; null for none. */
function unionBox(boxes: readonly CocoBoxXywh[]): ExclusiveBoxXyxy | null {
  if (boxes.length === 0) return null;
  let [x0, y0, x1, y1] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (const box of boxes) {
    const [left, top, right, bottom] = boxXywhToXyxy(box);
    x0 = Math.min(x0, left);
    y0 = Math.min(y0, top);
    x1 = Math.max(x1, right);
    y1 = Math.max(y1, bottom);
  }
  return exclusiveBox([x0, y0, x1, y1]);
}

/** Whether a shape's outline reaches into what is emptied around a box. */
function touches(shape: CocoBoxXywh, [bx0, by0, bx1, by1]: ExclusiveBoxXyxy, frame: Frame): boolean {
  const [ax0, ay0, ax1, ay1] = boxXywhToXyxy(shape);
  const reach = (2 * outlineRoom(frame)) / (frame.view.scale * frame.pixelRatio);
  return ax0 <= bx1 + reach && bx0 <= ax1 + reach && ay0 <= by1 + reach && by0 <= ay1 + reach;
}

/** Room for outlines around a box, pixels of the canvas. */
function outlineRoom({ pixelRatio }: Frame): number {
  return LINE_PX * pixelRatio + 1;
}

/**
 * Empties a box with room for outlines, and keeps further drawing in it; whole pixels, so that no seam is
 * left.
 */
function clipToBox(
  context: OffscreenCanvasRenderingContext2D,
  box: ExclusiveBoxXyxy | null,
  frame: Frame,
): void {
  if (!box) return;
  inImagePixels(context, frame);
  const { a: scale, e: x, f: y } = context.getTransform();
  context.setTransform(1, 0, 0, 1, 0, 0);
  const room = outlineRoom(frame);
  const left = Math.floor(box[0] * scale + x - room);
  const top = Math.floor(box[1] * scale + y - room);
  const right = Math.ceil(box[2] * scale + x + room);
  const bottom = Math.ceil(box[3] * scale + y + room);
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  context.clearRect(left, top, right - left, bottom - top);
}

function drawSlice(sketch: Sketch, now: () => number): void {
  const { context, content, frame, shapes } = sketch;
  const end = now() + SLICE_MS;
  while (sketch.next < shapes.length) {
    const { segmentation, boxXywh, colour } = shapes[sketch.next]!;
    sketch.next += 1;
    if (!isOnStage(boxXywh, frame)) continue;
    drawShape(context, segmentation, { colour, opacity: content.opacity, linePx: LINE_PX }, frame);
    // Browsers put drawing off until it is looked at; without this look no clock would notice it.
    context.getImageData(0, 0, 1, 1);
    if (now() >= end) return;
  }
}

function isOnStage([x, y, width, height]: CocoBoxXywh, { view, stage }: Frame): boolean {
  const left = x * view.scale + view.offsetX - LINE_PX;
  const top = y * view.scale + view.offsetY - LINE_PX;
  return (
    left < stage.width &&
    top < stage.height &&
    left + width * view.scale + 2 * LINE_PX > 0 &&
    top + height * view.scale + 2 * LINE_PX > 0
  );
}

function isSameContent(a: LayerContent, b: LayerContent): boolean {
  return a.shapes === b.shapes && a.opacity === b.opacity;
}

/** Whether an image shows the content as it would be drawn anew, and will after a small push too. */
function isGood({ content, frame: made }: Snapshot, wanted: LayerContent, frame: Frame): boolean {
  return isSameContent(content, wanted) && isInView(made, frame);
}

/** @param made the frame of a snapshot */
function isInView(made: Frame, { view, stage, pixelRatio }: Frame): boolean {
  return (
    made.view.scale === view.scale &&
    made.pixelRatio === pixelRatio &&
    reachesBeyond(made.view.offsetX - view.offsetX, stage.width, made.stage.width) &&
    reachesBeyond(made.view.offsetY - view.offsetY, stage.height, made.stage.height)
  );
}

/** @param start where the stage begins in the image, CSS pixels */
function reachesBeyond(start: number, stageLength: number, imageLength: number): boolean {
  // Begun when half of the margin is left, the next image is there before the rest is used up.
  const needed = (stageLength * MARGIN) / 2;
  return start >= needed && start + stageLength + needed <= imageLength;
}

/** Puts an image where the view has moved it to. */
function show(context: Context2d, { image, frame: made }: Snapshot, { view, pixelRatio }: Frame): void {
  const ratio = view.scale / made.view.scale;
  const stretch = (ratio * pixelRatio) / made.pixelRatio;
  const x = (view.offsetX - made.view.offsetX * ratio) * pixelRatio;
  const y = (view.offsetY - made.view.offsetY * ratio) * pixelRatio;
  const isWhole = stretch === 1;
  // Unstretched it lies on whole pixels, where copying is quick and nothing blurs.
  context.setTransform(stretch, 0, 0, stretch, isWhole ? Math.round(x) : x, isWhole ? Math.round(y) : y);
  context.imageSmoothingEnabled = !isWhole;
  context.imageSmoothingQuality = "low";
  context.drawImage(image, 0, 0);
}
