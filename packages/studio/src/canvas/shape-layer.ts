/**
 * The masks of a picture as one image, made in slices of a few milliseconds and shown moved or stretched while a better
 * one is made: with hundreds of masks no frame waits for all of them to be drawn.
 */

import type { BoxXywh, Rgb, Rle } from "@segany/sam";
import { drawShape } from "./draw-shape.js";
import { type Context2d, clearCanvas, type Frame } from "./frame.js";

/** A mask of the layer. */
export interface LayerShape {
  readonly segmentation: Rle;
  /** Pixels of the image. */
  readonly boxXywh: BoxXywh;
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
  /** Forgets what was drawn: the next content is of another picture. */
  reset(): void;
}

/** An image of the shapes, for a view and somewhat more than what it shows. */
interface Snapshot {
  readonly context: OffscreenCanvasRenderingContext2D;
  readonly content: LayerContent;
  /** Its stage is the image's: the margins are in it. */
  readonly frame: Frame;
  /** How many of the shapes are drawn. */
  drawn: number;
}

/** Drawn beyond each side of the stage, as a share of its length: a picture can be pushed so far without a new image. */
const MARGIN = 0.25;

/** So long a frame may draw at shapes. A single one can take longer, by a few milliseconds at most. */
const SLICE_MS = 8;

const LINE_PX = 1.5;

/** @param now a clock in milliseconds */
export function createShapeLayer(now: () => number): ShapeLayer {
  let shown: Snapshot | null = null;
  let making: Snapshot | null = null;
  let spare: OffscreenCanvasRenderingContext2D | null = null;

  function work(content: LayerContent, frame: Frame): void {
    if (making && !isSameContent(making.content, content)) {
      spare = making.context;
      making = null;
    }
    making ??= begin(content, frame, spare);
    spare = null;
    drawSlice(making, now);
    if (making.drawn < content.shapes.length) return;
    spare = shown?.context ?? null;
    shown = making;
    making = null;
  }

  return {
    draw(context, content, frame) {
      if (!shown || !isGood(shown, content, frame)) work(content, frame);
      clearCanvas(context);
      if (shown) show(context, shown, frame);
      return !shown || !isGood(shown, content, frame);
    },
    reset() {
      shown = null;
      making = null;
    },
  };
}

function begin(
  content: LayerContent,
  frame: Frame,
  spare: OffscreenCanvasRenderingContext2D | null,
): Snapshot {
  const { view, stage, pixelRatio } = frame;
  const marginX = Math.ceil(stage.width * MARGIN);
  const marginY = Math.ceil(stage.height * MARGIN);
  const width = stage.width + 2 * marginX;
  const height = stage.height + 2 * marginY;
  return {
    context: contextOf(Math.ceil(width * pixelRatio), Math.ceil(height * pixelRatio), spare),
    content,
    frame: {
      view: { scale: view.scale, offsetX: view.offsetX + marginX, offsetY: view.offsetY + marginY },
      stage: { width, height },
      pixelRatio,
    },
    drawn: 0,
  };
}

function contextOf(
  width: number,
  height: number,
  spare: OffscreenCanvasRenderingContext2D | null,
): OffscreenCanvasRenderingContext2D {
  if (spare?.canvas.width === width && spare.canvas.height === height) {
    clearCanvas(spare);
    return spare;
  }
  return new OffscreenCanvas(width, height).getContext("2d")!;
}

function drawSlice(snapshot: Snapshot, now: () => number): void {
  const { context, content, frame } = snapshot;
  const end = now() + SLICE_MS;
  while (snapshot.drawn < content.shapes.length) {
    const { segmentation, boxXywh, colour } = content.shapes[snapshot.drawn]!;
    if (isOnStage(boxXywh, frame)) {
      drawShape(context, segmentation, { colour, opacity: content.opacity, linePx: LINE_PX }, frame);
    }
    snapshot.drawn += 1;
    if (now() >= end) return;
  }
}

function isOnStage([x, y, width, height]: BoxXywh, { view, stage }: Frame): boolean {
  const left = x * view.scale + view.offsetX - LINE_PX;
  const top = y * view.scale + view.offsetY - LINE_PX;
  return (
    left < stage.width &&
    top < stage.height &&
    left + (width + 1) * view.scale + 2 * LINE_PX > 0 &&
    top + (height + 1) * view.scale + 2 * LINE_PX > 0
  );
}

function isSameContent(a: LayerContent, b: LayerContent): boolean {
  return a.shapes === b.shapes && a.opacity === b.opacity;
}

/** Whether an image shows the content as it would be drawn anew, and will after a small push too. */
function isGood(
  { content, frame: made }: Snapshot,
  wanted: LayerContent,
  { view, stage, pixelRatio }: Frame,
): boolean {
  if (!isSameContent(content, wanted)) return false;
  if (made.view.scale !== view.scale || made.pixelRatio !== pixelRatio) return false;
  return (
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
function show(
  context: Context2d,
  { context: image, frame: made }: Snapshot,
  { view, pixelRatio }: Frame,
): void {
  const ratio = view.scale / made.view.scale;
  const stretch = (ratio * pixelRatio) / made.pixelRatio;
  const x = (view.offsetX - made.view.offsetX * ratio) * pixelRatio;
  const y = (view.offsetY - made.view.offsetY * ratio) * pixelRatio;
  const isWhole = stretch === 1;
  // Unstretched it lies on whole pixels, where copying is quick and nothing blurs.
  context.setTransform(stretch, 0, 0, stretch, isWhole ? Math.round(x) : x, isWhole ? Math.round(y) : y);
  context.imageSmoothingEnabled = !isWhole;
  context.imageSmoothingQuality = "low";
  context.drawImage(image.canvas, 0, 0);
}
