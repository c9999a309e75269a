/**
 * A page with nothing but the stage and a fake studio. In its address: `width` and `height` of the image, or
 * `image`, the address of one; `objects`, how many there are; `answerMs`, how long the model takes.
 */

import { createElement } from "react";
import { createRoot } from "react-dom/client";
import type { FrameTimes } from "../../canvas/renderer.js";
import { Stage } from "../../components/stage.js";
import { removeObjects, updateObject } from "../../state/edits.js";
import type { Studio } from "../../studio.js";
import { createFakeStudio, type FakeStudio } from "../fake-studio.js";
import { makeObjects } from "../made-objects.js";

/** What scripts that drive the page find on its window. */
export interface StagePage {
  readonly studio: FakeStudio;
  /** Of every frame since the page was loaded. */
  readonly frames: FrameTimes[];
  readonly edits: {
    readonly removeObjects: typeof removeObjects;
    readonly updateObject: typeof updateObject;
  };
}

const query = new URL(location.href).searchParams;
const numberOf = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);

async function decodeImage(): Promise<ImageBitmap> {
  const address = query.get("image");
  if (address) return createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(numberOf("width", 4000), numberOf("height", 3000));
  paint(canvas);
  return canvas.transferToImageBitmap();
}

/** Colours that change slowly, with a check pattern of single pixels in one place. */
function paint(canvas: OffscreenCanvas): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  const slope = context.createLinearGradient(0, 0, width, height);
  slope.addColorStop(0, "#345");
  slope.addColorStop(0.5, "#a98");
  slope.addColorStop(1, "#263");
  context.fillStyle = slope;
  context.fillRect(0, 0, width, height);
  for (let i = 0; i < 256; i++) {
    context.fillStyle = (i + (i >> 4)) % 2 === 0 ? "#f0e040" : "#2040a0";
    context.fillRect(width / 2 + (i % 16), height / 2 + (i >> 4), 1, 1);
  }
}

const bitmap = await decodeImage();
const objects = makeObjects(numberOf("objects", 0), bitmap);
const studio = createFakeStudio({ bitmap, objects, answerMs: numberOf("answerMs", 20) });
const frames: FrameTimes[] = [];
Object.assign(window, {
  stagePage: { studio, frames, edits: { removeObjects, updateObject } } satisfies StagePage,
});
createRoot(document.getElementById("root")!).render(
  createElement(Stage, { studio: studio as unknown as Studio, onFrame: (times) => frames.push(times) }),
);
