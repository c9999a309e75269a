/** What can be asked of a draft. */

import type { Alternative, Draft, MaskShape } from "./document.js";

/** The alternative that is shown. */
export function chosenAlternative({ alternatives, chosen }: Draft): Alternative | null {
  return alternatives?.[chosen] ?? null;
}

/** The draft's mask as it stands: painted, or the model's; null while it has to be asked. */
export function currentShape(draft: Draft): MaskShape | null {
  return draft.painted ?? chosenAlternative(draft);
}

/** The mask to show: while the model is being asked the one before. */
export function draftShape(draft: Draft): MaskShape | null {
  return currentShape(draft) ?? draft.outdated;
}

/** Whether there is neither a prompt nor a painted mask. */
export function isEmptyDraft({ points, boxXyxy, painted }: Draft): boolean {
  return points.length === 0 && boxXyxy === null && painted === null;
}

/** Whether the draft's question has no answer yet. */
export function isUnanswered(draft: Draft): boolean {
  return draft.alternatives === null && draft.painted === null && !isEmptyDraft(draft);
}
