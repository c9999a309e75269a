/**
 * Three canvases on top of each other, drawn on animation frames, each only when what it shows has changed.
 */

import type { Size } from "@segany/masks";
import { paintImage } from "./draw-image.js";
import { drawOverlay } from "./draw-overlay.js";
import { type Context2d, clearCanvas, type Frame } from "./frame.js";
import type { Pointing } from "./pointing.js";
import { closePyramid, createPyramid, type Pyramid } from "./pyramid.js";
import type { OverlayScene } from "./scene.js";
import { createShapeLayer, type LayerContent } from "./shape-layer.js";

/** The stage's canvases, the lowest first. */
export interface Layers {
  readonly image: HTMLCanvasElement;
  readonly masks: HTMLCanvasElement;
  readonly overlay: HTMLCanvasElement;
}

/** All that is to be seen. */
export interface Scene {
  readonly frame: Frame;
  /** Pixels of each canvas, which are those of the screen. */
  readonly canvasSize: Size;
  /** Pixels of the image that is open; null when there is none. */
  readonly size: Size | null;
  /** Null until it is decoded. */
  readonly bitmap: ImageBitmap | null;
  readonly masks: LayerContent;
  readonly overlay: OverlayScene;
  readonly pointing: Pointing;
}

/** How long the layers took to draw, milliseconds; 0 for those that were not drawn. */
export interface FrameTimes {
  readonly imageMs: number;
  readonly masksMs: number;
  readonly overlayMs: number;
}

export interface Renderer {
  /** Shows a scene with the next animation frame; the last one before it counts. */
  show(scene: Scene): void;
  close(): void;
}

export interface RendererOptions {
  /** Hears how long each frame took. */
  readonly onFrame?: (times: FrameTimes) => void;
}

export function createRenderer(layers: Layers, { onFrame }: RendererOptions = {}): Renderer {
  const contexts = {
    image: contextOf(layers.image),
    masks: contextOf(layers.masks),
    overlay: contextOf(layers.overlay),
  };
  const shapeLayer = createShapeLayer(() => performance.now());
  let pyramid: Pyramid | null = null;
  let wanted: Scene | null = null;
  let drawn: Scene | null = null;
  let masksAreUnfinished = false;
  let request = 0;

  function draw(): void {
    request = 0;
    const scene = wanted;
    if (!scene) return;
    if (scene.bitmap !== drawn?.bitmap) changeImage(scene.bitmap);
    const isMoved =
      scene.frame !== drawn?.frame || scene.size !== drawn.size || scene.canvasSize !== drawn.canvasSize;
    if (isMoved) fitCanvases(layers, scene.canvasSize);
    const imageMs = timed(isMoved || scene.bitmap !== drawn?.bitmap, () => drawImageLayer(scene));
    const masksMs = timed(isMoved || masksAreUnfinished || scene.masks !== drawn?.masks, () => {
      masksAreUnfinished = drawMaskLayer(scene);
    });
    const overlayMs = timed(
      isMoved || scene.overlay !== drawn?.overlay || scene.pointing !== drawn.pointing,
      () => drawOverlayLayer(scene),
    );
    drawn = scene;
    onFrame?.({ imageMs, masksMs, overlayMs });
    if (masksAreUnfinished) requestFrame();
  }

  function changeImage(bitmap: ImageBitmap | null): void {
    if (pyramid) closePyramid(pyramid);
    pyramid = bitmap && createPyramid(bitmap);
    shapeLayer.reset();
    masksAreUnfinished = true;
  }

  function drawImageLayer({ size, frame }: Scene): void {
    if (pyramid && size) paintImage(contexts.image, pyramid, size, frame);
    else clearCanvas(contexts.image);
  }

  function drawMaskLayer({ size, masks, frame }: Scene): boolean {
    if (size) return shapeLayer.draw(contexts.masks, masks, frame);
    clearCanvas(contexts.masks);
    return false;
  }

  function drawOverlayLayer({ size, overlay, pointing, frame }: Scene): void {
    if (size) drawOverlay(contexts.overlay, overlay, pointing, pyramid, size, frame);
    else clearCanvas(contexts.overlay);
  }

  function requestFrame(): void {
    if (request === 0) request = requestAnimationFrame(draw);
  }

  return {
    show(scene) {
      wanted = scene;
      requestFrame();
    },
    close() {
      cancelAnimationFrame(request);
      wanted = null;
      if (pyramid) closePyramid(pyramid);
    },
  };
}

function contextOf(canvas: HTMLCanvasElement): Context2d {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser gives no 2D context for a canvas; the studio can't draw.");
  return context;
}

/** Setting a canvas's size empties it, so only on a change. */
function fitCanvases({ image, masks, overlay }: Layers, { width, height }: Size): void {
  for (const canvas of [image, masks, overlay]) {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
  }
}

function timed(isNeeded: boolean, work: () => void): number {
  if (!isNeeded) return 0;
  const start = performance.now();
  work();
  return performance.now() - start;
}
