/** Keeps the canvases showing what the studio's state says. */

import type { Size } from "@segany/masks";
import { openDocument, openPicture } from "../state/selectors.js";
import type { StudioState } from "../state/types.js";
import type { Studio } from "../studio.js";
import { deviceSize } from "./device-size.js";
import type { Frame } from "./frame.js";
import { listenToGestures } from "./gestures/listen.js";
import { POINTING_AT_NOTHING, type Pointing } from "./pointing.js";
import { createRenderer, type Layers, type RendererOptions, type Scene } from "./renderer.js";
import { createSceneMaker } from "./scene.js";
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
  let pointing = POINTING_AT_NOTHING;
  let pixelRatio = 1;
  let canvasSize: Size = { width: 1, height: 1 };
  let bitmap: ImageBitmap | null = null;
  let pictureId: string | null = null;
  let pictureSize: Size | null = null;
  let frame: Frame | null = null;
  let overlayKey: readonly unknown[] = [];
  let overlay: Scene["overlay"] | null = null;

  function update(): void {
    const state = studio.getState();
    if (state.openPictureId !== pictureId) changePicture(state);
    else if (!hasSize(openPicture(state), pictureSize)) takeSize(state);
    const document = openDocument(state);
    const { view, stageSize: stage } = studio.getState();
    if (frame?.view !== view || frame.stage !== stage || frame.pixelRatio !== pixelRatio) {
      frame = { view, stage, pixelRatio };
    }
    if (stage.width === 0) return;
    renderer.show({
      frame,
      canvasSize,
      size: pictureSize,
      bitmap,
      masks: scenes.layer(state, document),
      overlay: overlayOf(state, pointing),
      pointing,
    });
  }

  /** A new scene for the overlay only when something of it has changed: a zoomed view leaves it as it is. */
  function overlayOf(state: StudioState, now: Pointing): Scene["overlay"] {
    const document = openDocument(state);
    const { hover, tool, selectedObjectId, everything, preferences } = state;
    const key = [document, hover, tool, selectedObjectId, everything, preferences, now];
    const isSame = overlay && key.every((part, i) => part === overlayKey[i]);
    if (isSame) return overlay!;
    overlayKey = key;
    overlay = scenes.overlay(state, document, now);
    return overlay;
  }

  function changePicture(state: StudioState): void {
    pictureId = state.openPictureId;
    bitmap = null;
    takeSize(state);
    const picture = openPicture(state);
    if (!picture) return;
    const wanted = picture.id;
    studio.bitmapOf(wanted).then(
      (decoded) => {
        if (pictureId !== wanted) return;
        bitmap = decoded;
        update();
      },
      // Whoever decodes pictures tells the user; the stage stays without one.
      () => undefined,
    );
  }

  /** A picture's size may become known only after it was opened. */
  function takeSize(state: StudioState): void {
    const picture = openPicture(state);
    pictureSize = picture && { width: picture.width, height: picture.height };
    if (picture && state.stageSize.width > 0) {
      studio.set(() => ({ view: fitView(picture, state.stageSize) }));
    }
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
      studio.set((state) => {
        const picture = openPicture(state);
        if (!picture) return { stageSize: stage };
        const view =
          state.stageSize.width > 0
            ? resizeView(state.view, picture, state.stageSize, stage)
            : fitView(picture, stage);
        return { stageSize: stage, view };
      });
      update();
    },
    close() {
      stopGestures();
      stopListening();
      renderer.close();
    },
  };
}

function hasSize(picture: Size | null, size: Size | null): boolean {
  return picture?.width === size?.width && picture?.height === size?.height;
}
