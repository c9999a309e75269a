/** A studio without a model, for the stage's tests: clicks give discs, boxes a bar with round ends. */

import { emptyRuns, type ImagePoint, type Size, strokeToRuns } from "@segany/masks";
import { applyStroke } from "../canvas/brush.js";
import { createStudioStore } from "../state/create-store.js";
import { type Alternative, type Draft, EMPTY_DOCUMENT, type MaskObject } from "../state/document.js";
import { answerDraft } from "../state/draft-edits.js";
import { isUnanswered } from "../state/draft-queries.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape, shapeOf } from "../state/mask-shape.js";
import { openDocument } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Studio } from "../studio.js";

/** Radius of the three discs that a click gives, pixels of the image. */
export const DISC_RADII_PX = [120, 60, 25] as const;

/** What the stage asks of a studio; the rest is not there. */
export type FakeStudio = StudioStore & Pick<Studio, "hoverAt" | "bitmapOf"> & { questions(): number };

export interface FakeStudioOptions {
  readonly bitmap: ImageBitmap;
  readonly objects: readonly MaskObject[];
  /** How long the model takes, milliseconds. */
  readonly answerMs: number;
}

/** @returns a studio with one image open */
export function createFakeStudio({ bitmap, objects, answerMs }: FakeStudioOptions): FakeStudio {
  const size = { width: bitmap.width, height: bitmap.height };
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const image = {
    id: "image",
    name: "Image",
    ...size,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory({ ...EMPTY_DOCUMENT, objects }),
  } as const;
  store.set(() => ({ images: [image], openImageId: image.id }));
  let questions = 0;

  function answer(draft: Draft): void {
    questions += 1;
    store.set(() => ({ predicting: true }));
    setTimeout(() => {
      store.set(() => ({ predicting: false }));
      if (openDocument(store.getState()).draft !== draft) ask();
      else store.amend((document) => answerDraft(document, alternativesOf(draft, size)));
    }, answerMs);
  }

  function ask(): void {
    const state = store.getState();
    const { draft } = openDocument(state);
    if (isUnanswered(draft) && !state.predicting) answer(draft);
  }

  store.subscribe(ask);
  return {
    ...store,
    hoverAt(at) {
      const preview = at && disc(at, DISC_RADII_PX[1], size);
      store.set(() => ({ hover: at && { at, preview, objectId: null, foundIndex: null } }));
    },
    bitmapOf: async () => bitmap,
    questions: () => questions,
  };
}

function alternativesOf({ points, boxXyxy }: Draft, size: Size): Alternative[] {
  const radii = boxXyxy ? [null] : DISC_RADII_PX;
  return radii.flatMap((radius, i) => {
    let shape = boxXyxy && bar(boxXyxy, size);
    for (const { at, label } of points) {
      const stroke = { points: [at], diameterPx: label === 1 ? 2 * (radius ?? 40) : 40 };
      shape = applyStroke(shape, stroke, label === 1 ? "add" : "erase", size);
    }
    const drawn = shape ?? measureShape(emptyRuns(size));
    return { ...drawn, predictedIou: 0.9 - i / 10, lowResLogits: new Float32Array(256 * 256) };
  });
}

function disc(at: ImagePoint, radius: number, size: Size) {
  return shapeOf(strokeToRuns({ points: [at], diameterPx: 2 * radius }, size));
}

/** A bar with round ends from corner to corner: fills a square's middle by a disc. */
function bar([x0, y0, x1, y1]: readonly [number, number, number, number], size: Size) {
  const diameterPx = Math.max(1, Math.min(x1 - x0, y1 - y0));
  const half = diameterPx / 2;
  const points = [
    [x0 + half, y0 + half],
    [x1 - half, y1 - half],
  ] as const;
  return shapeOf(strokeToRuns({ points, diameterPx }, size));
}
