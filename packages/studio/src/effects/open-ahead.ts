/** The image after the open one is made ready before it is asked for. */

import { openImage, runModeOf } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { StudioState } from "../state/types.js";

/** The first outlines on an image that has become ready come before this. */
const AFTER_MS = 1000;

/** The work itself. */
export interface AheadWork {
  /** Begins to make an image ready. @returns null where there is nothing to do */
  start(imageId: string): Promise<void> | null;
  stop(imageId: string): void;
}

/**
 * Has the next image of the gallery made ready while the user works on the open one; not while everything
 * mode needs the processor. One at a time, and stopped when the user opens yet another image. One that failed
 * is left for when it is asked for, which tells why.
 */
export function watchAhead(store: StudioStore, { start, stop }: AheadWork): { readonly close: () => void } {
  let running: { readonly id: string } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const failed = new Set<string>();

  async function begin(): Promise<void> {
    const next = nextImage(store.getState());
    if (!next || running || failed.has(next.id)) return;
    const work = start(next.id);
    if (!work) return;
    const own = { id: next.id };
    running = own;
    await work;
    if (running !== own) return;
    running = null;
    const isReady = store
      .getState()
      .images.some(({ id, loading }) => id === own.id && loading.phase === "ready");
    if (!isReady) failed.add(own.id);
    look();
  }

  /** The user has opened the image that was to be next, or another one, in whose way it must not be. */
  function leave(openImageId: string | null): void {
    if (running && running.id !== openImageId) stop(running.id);
    running = null;
  }

  function look(): void {
    clearTimeout(timer);
    timer = setTimeout(() => void begin(), AFTER_MS);
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (runModeOf(state) !== runModeOf(before)) {
      running = null;
      failed.clear();
    }
    if (state.openImageId !== before.openImageId) leave(state.openImageId);
    const isOtherwise =
      state.openImageId !== before.openImageId ||
      state.images.length !== before.images.length ||
      state.everything.state !== before.everything.state ||
      openImage(state)?.loading.phase !== openImage(before)?.loading.phase;
    if (isOtherwise) look();
  });
  return {
    close() {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

/** The one that follows the open image, if that is ready and left alone by everything mode. */
function nextImage(state: StudioState) {
  const { images, openImageId, everything } = state;
  if (openImage(state)?.loading.phase !== "ready" || everything.state === "running") return null;
  return images[images.findIndex(({ id }) => id === openImageId) + 1] ?? null;
}
