import type { ImagePoint } from "@segany/masks";
import { StudioError } from "../errors.js";
import type { MaskShape } from "../state/document.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import { openDocument } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { StudioState } from "../state/types.js";
import type { ImageLoader } from "./image-loader.js";
import { questionAt } from "./question.js";

/** Follows the cursor. */
export interface HoverPreview {
  /** Pixels of the image; null when the cursor has left it. */
  readonly hoverAt: (at: ImagePoint | null) => void;
  readonly close: () => void;
}

/**
 * Shows what a click would select. One question is under way at a time, and then the latest place is asked,
 * so that the outline follows as fast as the model decodes and no question waits behind others.
 */
export function createHoverPreview(store: StudioStore, loader: ImageLoader): HoverPreview {
  let wanted: ImagePoint | null = null;
  let asking = false;
  /** The server has asked to be left alone until then. */
  let heldUntilMs = 0;

  async function askLatest(): Promise<void> {
    const state = store.getState();
    const image = loader.of(state.openImageId);
    if (asking || !wanted || !image || !canPreview(state) || Date.now() < heldUntilMs) return;
    asking = true;
    const { prompt, multimask } = questionAt(wanted, image, state.preferences.multimask);
    wanted = null;
    try {
      const alternatives = await image.predict(prompt, { multimask });
      const [best] = alternatives.toSorted((a, b) => b.predictedIou - a.predictedIou);
      if (store.getState().openImageId === state.openImageId) show(best ?? null);
    } catch (error) {
      // A later move asks again, and a click tells what is wrong.
      if (error instanceof StudioError) heldUntilMs = Date.now() + (error.retryAfterMs ?? 0);
      show(null);
    } finally {
      asking = false;
      void askLatest();
    }
  }

  function show(preview: MaskShape | null): void {
    store.set((state) => {
      const { hover } = state;
      return hover ? { hover: { ...hover, preview: canPreview(state) ? preview : null } } : {};
    });
  }

  const unsubscribe = store.subscribe((state) => {
    if (state.hover?.preview && !canPreview(state)) show(null);
  });

  return {
    hoverAt(at) {
      wanted = at;
      store.set(({ hover }) => ({
        hover: at && { preview: null, objectId: null, foundIndex: null, ...hover, at },
      }));
      void askLatest();
    },
    close() {
      wanted = null;
      unsubscribe();
    },
  };
}

/** A preview is of a first click; afterwards the draft itself is shown. */
function canPreview(state: StudioState): boolean {
  return (
    state.tool === "click" &&
    state.everything.state === "idle" &&
    !state.predicting &&
    isEmptyDraft(openDocument(state).draft)
  );
}
