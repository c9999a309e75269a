/** One-click mode: what a click gives becomes an object at once. */

import type { Draft } from "../state/document.js";
import { keepOpenDraft } from "../state/keep-open-draft.js";
import { openDocument } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";

/**
 * Keeps the model's answer to a lone click on an object when it comes, where the user wants that. An answer
 * that undo brings back is left.
 *
 * @returns ends it
 */
export function watchClicks(store: StudioStore): () => void {
  function keep(draft: Draft): void {
    if (openDocument(store.getState()).draft === draft) keepOpenDraft(store);
  }
  return store.subscribe((state, before) => {
    if (!state.preferences.commitsClicks || !state.predicting || state.images === before.images) return;
    const { draft } = openDocument(state);
    const isAnswered = draft.alternatives !== null && draft !== openDocument(before).draft;
    // When everybody has heard of the answer: a draft's events are told one by one.
    if (isAnswered && isLoneClick(draft)) queueMicrotask(() => keep(draft));
  });
}

function isLoneClick({ points, boxXyxy, objectId, painted, feedback }: Draft): boolean {
  const hasOneClick = points.length === 1 && points[0]!.label === 1;
  return hasOneClick && !boxXyxy && objectId === null && !painted && !feedback;
}
