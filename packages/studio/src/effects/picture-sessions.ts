/** The model of the mode in use, and the pictures that were opened with it. */

import type { PictureStore } from "../pictures/picture-store.js";
import type { OpenPicture, Segmenter } from "../segmentation/types.js";
import { runModeOf } from "../state/selectors.js";
import type { ModelStatus, RunMode } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";
import { watchAhead } from "./open-ahead.js";
import { createOpenPictures } from "./open-pictures.js";

/** Makes the segmenter of a mode, which tells of its model. */
export type CreateSegmenter = (mode: RunMode, onModel: (status: ModelStatus) => void) => Segmenter;

/** What other effects ask. */
export interface PictureSessions {
  /** The picture, if it is ready to be asked. */
  of(pictureId: string | null): OpenPicture | null;
  /** Opens the open picture again. */
  retry(): void;
  forget(pictureId: string): void;
  close(): void;
}

/** Opens whatever picture the user has open, with the segmenter of the mode in use, when either changes. */
export function watchPictures(
  store: StudioStore,
  pictures: PictureStore,
  createSegmenter: CreateSegmenter,
): PictureSessions {
  let segmenter: Segmenter | null = null;
  const opened = createOpenPictures(store, pictures);
  const ahead = watchAhead(store, { start: openAhead, stop: opened.stop });

  /** @returns null where this is not done, or not needed */
  function openAhead(pictureId: string): Promise<void> | null {
    const by = segmenter?.openAhead;
    const isFree = opened.get(store.getState().openPictureId ?? "");
    return by && isFree && !opened.has(pictureId) ? opened.open(pictureId, by) : null;
  }

  function look(): void {
    const { openPictureId } = store.getState();
    const mode = runModeOf(store.getState());
    if (mode !== null && segmenter?.mode !== mode) switchTo(mode);
    if (!segmenter || openPictureId === null) return;
    if (opened.has(openPictureId)) opened.touch(openPictureId);
    else void opened.open(openPictureId, segmenter.open);
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
    const isChanged = state.openPictureId !== before.openPictureId || runModeOf(state) !== runModeOf(before);
    if (isChanged) look();
  });

  return {
    of: (pictureId) => (pictureId === null ? null : opened.get(pictureId)),
    retry() {
      const { openPictureId } = store.getState();
      if (openPictureId !== null) opened.forget(openPictureId);
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
