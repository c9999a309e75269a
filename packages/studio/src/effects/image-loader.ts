/** The model of the mode in use, and the images that were opened with it. */

import type { ImageStore } from "../images/image-store.js";
import type { OpenImage } from "../segmentation/types.js";
import { isSameModel, modelSourceOf } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { CreateSegmenter } from "./create-segmenter.js";
import { createModelInUse } from "./model-in-use.js";
import { watchAhead } from "./open-ahead.js";
import { createOpenImages } from "./open-images.js";

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
  const opened = createOpenImages(store, images);
  const model = createModelInUse(store, images, { opened, createSegmenter, onTakenOver: look });
  const ahead = watchAhead(store, { start: openAhead, stop: opened.stop });

  /** @returns null where this is not done, or not needed */
  function openAhead(imageId: string): Promise<void> | null {
    const by = model.segmenter()?.openAhead;
    const isFree = opened.get(store.getState().openImageId ?? "");
    return by && isFree && !opened.has(imageId) ? opened.open(imageId, by) : null;
  }

  function look(): void {
    const { openImageId } = store.getState();
    const wanted = modelSourceOf(store.getState());
    if (wanted) model.change(wanted);
    const segmenter = model.segmenter();
    if (!segmenter || openImageId === null) return;
    if (opened.has(openImageId)) opened.touch(openImageId);
    else void opened.open(openImageId, segmenter.open);
  }

  const unsubscribe = store.subscribe((state, before) => {
    const isChanged =
      state.openImageId !== before.openImageId || !isSameModel(modelSourceOf(state), modelSourceOf(before));
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
      model.close();
    },
  };
}
