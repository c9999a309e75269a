/** The model of the mode in use, and the images that were opened with it. */

import type { ImageStore } from "../images/image-store.js";
import type { OpenImage, Segmenter } from "../segmentation/types.js";
import { runModeOf } from "../state/selectors.js";
import type { ModelStatus, RunMode } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";
import { watchAhead } from "./open-ahead.js";
import { createOpenImages } from "./open-images.js";

/** Makes the segmenter of a mode, which tells of its model. */
export type CreateSegmenter = (mode: RunMode, onModel: (status: ModelStatus) => void) => Segmenter;

/** What other effects ask. */
export interface ImageLoader {
  /** The image, if it is ready to be asked. */
  of(imageId: string | null): OpenImage | null;
  /** Opens the open image again. */
  retry(): void;
  forget(imageId: string): void;
  close(): void;
}

/** Opens whatever image the user has open, with the segmenter of the mode in use, when either changes. */
export function watchImages(
  store: StudioStore,
  images: ImageStore,
  createSegmenter: CreateSegmenter,
): ImageLoader {
  let segmenter: Segmenter | null = null;
  const opened = createOpenImages(store, images);
  const ahead = watchAhead(store, { start: openAhead, stop: opened.stop });

  /** @returns null where this is not done, or not needed */
  function openAhead(imageId: string): Promise<void> | null {
    const by = segmenter?.openAhead;
    const isFree = opened.get(store.getState().openImageId ?? "");
    return by && isFree && !opened.has(imageId) ? opened.open(imageId, by) : null;
  }

  function look(): void {
    const { openImageId } = store.getState();
    const mode = runModeOf(store.getState());
    if (mode !== null && segmenter?.mode !== mode) switchTo(mode);
    if (!segmenter || openImageId === null) return;
    if (opened.has(openImageId)) opened.touch(openImageId);
    else void opened.open(openImageId, segmenter.open);
  }

  function switchTo(mode: RunMode): void {
    const before = segmenter;
    opened.stopAll();
    segmenter = createSegmenter(mode, (model) => {
      // Also before it is assigned, and no more when another has taken its place.
      if (runModeOf(store.getState()) === mode) store.set(() => ({ model }));
    });
    void before?.close();
  }

  const unsubscribe = store.subscribe((state, before) => {
    const isChanged = state.openImageId !== before.openImageId || runModeOf(state) !== runModeOf(before);
    if (isChanged) look();
  });

  return {
    of: (imageId) => (imageId === null ? null : opened.get(imageId)),
    retry() {
      const { openImageId } = store.getState();
      if (openImageId !== null) opened.forget(openImageId);
      look();
    },
    forget: opened.forget,
    close() {
      unsubscribe();
      ahead.close();
      opened.forgetAll();
      void segmenter?.close();
    },
  };
}
