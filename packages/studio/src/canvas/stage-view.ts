/** Keeps the canvases showing what the studio's state says. */

import type { Size } from "@segany/masks";
import { openDocument, openImage } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import { deviceSize } from "./device-size.js";
import type { Frame } from "./frame.js";
import { listenToGestures } from "./gestures/listen.js";
import { POINTING_AT_NOTHING, type Pointing } from "./pointing.js";
import { createRenderer, type Layers, type RendererOptions, type Scene } from "./renderer.js";
import { createSceneMaker, type SceneMaker } from "./scene.js";
import { fitView, resizeView } from "./view.js";

export interface StageView {
  /**
   * The stage has this size now.
   *
   * @param stage CSS pixels, with `pixelRatio` of the screen for each
   * @param covered pixels of the screen under the stage, where the browser tells
   */
  resize(stage: Size, pixelRatio: number, covered: Size | null): void;
  close(): void;
}

/** @param surface covers the stage and takes its pointer events */
export function createStageView(
  studio: Studio,
  surface: HTMLElement,
  layers: Layers,
  options: RendererOptions = {},
): StageView {
  const renderer = createRenderer(layers, options);
  const scenes = createSceneMaker();
  const overlayOf = createOverlayCache(scenes);
  const shown = createShownImage(studio, () => update());
  let pointing = POINTING_AT_NOTHING;
  let pixelRatio = 1;
  let canvasSize: Size = { width: 1, height: 1 };
  let frame: Frame | null = null;

  function update(): void {
    const state = studio.getState();
    const { bitmap, size } = shown.follow(state);
    const document = openDocument(state);
    const { view, stageSize: stage } = studio.getState();
    if (frame?.view !== view || frame.stage !== stage || frame.pixelRatio !== pixelRatio) {
      frame = { view, stage, pixelRatio };
    }
    if (stage.width === 0) return;
    const masks = scenes.layer(state, document);
    const overlay = overlayOf(state, pointing);
    renderer.show({ frame, canvasSize, size, bitmap, masks, overlay, pointing });
  }

  const stopListening = studio.subscribe(update);
  const stopGestures = listenToGestures(surface, {
    studio,
    onPointing: (changed) => {
      pointing = changed;
      update();
    },
  });

  return {
    resize(stage, ratio, covered) {
      pixelRatio = ratio;
      canvasSize = deviceSize(stage, ratio, covered);
      studio.set((state) => resizedStage(state, stage));
      update();
    },
    close() {
      stopGestures();
      stopListening();
      renderer.close();
    },
  };
}

function resizedStage(state: StudioState, stage: Size): Partial<StudioState> {
  const image = openImage(state);
  if (!image) return { stageSize: stage };
  const isFirst = state.stageSize.width === 0;
  const view = isFirst ? fitView(image, stage) : resizeView(state.view, image, state.stageSize, stage);
  return { stageSize: stage, view };
}

/** Makes a new scene for the overlay only when something of it has changed: zooming leaves it as it is. */
function createOverlayCache(
  scenes: SceneMaker,
): (state: StudioState, pointing: Pointing) => Scene["overlay"] {
  let key: readonly unknown[] = [];
  let overlay: Scene["overlay"] | null = null;
  return (state, pointing) => {
    const document = openDocument(state);
    const { hover, tool, selectedIds, classes, everything, preferences } = state;
    const parts = [document, hover, tool, selectedIds, classes, everything, preferences, pointing];
    if (!overlay || parts.some((part, i) => part !== key[i])) {
      key = parts;
      overlay = scenes.overlay(state, document, pointing);
    }
    return overlay;
  };
}

/** What is drawn of the open image. */
interface ShownImage {
  /** Null until it is decoded. */
  readonly bitmap: ImageBitmap | null;
  /** Null while no image is open. */
  readonly size: Size | null;
}

/** Follows which image is open: decodes it, and fits the view to it when its size is known. */
function createShownImage(studio: Studio, onBitmap: () => void): { follow(state: StudioState): ShownImage } {
  let id: string | null = null;
  let shown: ShownImage = { bitmap: null, size: null };

  function decode(wanted: string): void {
    studio.bitmapOf(wanted).then(
      (bitmap) => {
        if (id !== wanted) return;
        shown = { ...shown, bitmap };
        onBitmap();
      },
      // Whoever decodes images tells the user; the stage stays without one.
      () => undefined,
    );
  }

  /** An image's size may become known only after it was opened. */
  function takeSize(state: StudioState): void {
    const image = openImage(state);
    shown = { ...shown, size: image && { width: image.width, height: image.height } };
    if (image && state.stageSize.width > 0) {
      studio.set(() => ({ view: fitView(image, state.stageSize) }));
    }
  }

  return {
    follow(state) {
      const isNew = state.openImageId !== id;
      if (isNew) {
        id = state.openImageId;
        shown = { bitmap: null, size: null };
      }
      const image = openImage(state);
      if (isNew || !hasSize(image, shown.size)) takeSize(state);
      if (isNew && image) decode(image.id);
      return shown;
    },
  };
}

function hasSize(image: Size | null, size: Size | null): boolean {
  return image?.width === size?.width && image?.height === size?.height;
}
