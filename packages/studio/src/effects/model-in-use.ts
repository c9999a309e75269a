/** The model that the open images are asked with. */

import type { ImageStore } from "../images/image-store.js";
import type { Segmenter } from "../segmentation/types.js";
import { isSameModel, type ModelSource } from "../state/selectors.js";
import type { ModelStatus } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";
import { type CreateSegmenter, createFor } from "./create-segmenter.js";
import type { OpenImages } from "./open-images.js";
import { createTakeOver } from "./take-over.js";

export interface ModelInUse {
  segmenter(): Segmenter | null;
  /** Has another model answer, or does nothing if it does already. */
  change(to: ModelSource): void;
  close(): void;
}

export interface ModelInUseOptions {
  readonly opened: OpenImages;
  readonly createSegmenter: CreateSegmenter;
  /** Another version answers from now on. */
  readonly onTakenOver: () => void;
}

export function createModelInUse(
  store: StudioStore,
  images: ImageStore,
  { opened, createSegmenter, onTakenOver }: ModelInUseOptions,
): ModelInUse {
  let segmenter: Segmenter | null = null;
  let source: ModelSource | null = null;
  const takeOver = createTakeOver(store, images, {
    create: createSegmenter,
    isInUse: (to) => to === source,
    swap(to, next, imageId, image) {
      const before = segmenter;
      [segmenter, source] = [next, to];
      opened.replaceAll(imageId, image);
      onTakenOver();
      void before?.close();
    },
  });

  function switchTo(to: ModelSource): void {
    const before = segmenter;
    opened.stopAll();
    source = to;
    const onModel = (model: ModelStatus) => {
      // Also before it is assigned, and no more when another has taken its place.
      if (source === to) store.set(() => ({ model }));
    };
    segmenter = createFor(createSegmenter, to, onModel);
    void before?.close();
  }

  return {
    segmenter: () => segmenter,
    change(to) {
      if (isSameModel(to, source)) return takeOver.stop();
      const { openImageId } = store.getState();
      // The open image can still be asked until the other version is ready, so that nobody waits.
      const isReady = openImageId !== null && opened.get(openImageId) !== null;
      if (isReady && source?.mode === to.mode) return takeOver.begin(to, openImageId);
      takeOver.stop();
      switchTo(to);
    },
    close() {
      takeOver.stop();
      void segmenter?.close();
    },
  };
}
