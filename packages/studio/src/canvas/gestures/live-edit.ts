/** A change of the document that follows a drag: seen all the while, and one step of undo in the end. */

import type { Document } from "../../state/document.js";
import type { StudioStore } from "../../state/studio-store.js";

export interface LiveEdit {
  /**
   * Changes the document. While the model still works on the change before, this one
   * waits for it, so that every answer is seen; only the last one that waits counts.
   */
  change(change: (document: Document) => Document): void;
  /** Makes what was changed last a step of undo. */
  finish(): void;
  /** Takes all of it back. */
  cancel(): void;
}

/** @param label of the step of undo */
export function beginLiveEdit(studio: StudioStore, label: string): LiveEdit {
  let waiting: ((document: Document) => Document) | null = null;
  let isChanged = false;

  function apply(): void {
    if (!waiting) return;
    const change = waiting;
    waiting = null;
    if (!isChanged) studio.beginChange();
    isChanged = true;
    studio.amend(change);
  }

  const stopListening = studio.subscribe((state, before) => {
    if (before.predicting && !state.predicting) apply();
  });

  return {
    change(change) {
      waiting = change;
      if (!studio.getState().predicting || !isChanged) apply();
    },
    finish() {
      stopListening();
      apply();
      if (isChanged) studio.finishChange(label);
    },
    cancel() {
      stopListening();
      if (isChanged) studio.cancelChange();
    },
  };
}
