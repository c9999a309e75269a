/**
 * What the user does to the mask that is being made. Pure. A changed prompt has no answer until the model
 * gives one.
 */

import type { ExclusiveBoxXyxy, ImagePoint } from "@segany/masks";
import { createId } from "./create-id.js";
import type { Alternative, Document, Draft, Feedback, MaskShape, PromptPoint } from "./document.js";
import { EMPTY_DRAFT } from "./document.js";
import { chosenAlternative, draftShape, isEmptyDraft } from "./draft-queries.js";

/** Adds a click, to be asked together with the mask that is there. */
export function addPoint(document: Document, at: ImagePoint, label: 0 | 1): Document {
  const { draft } = document;
  const point: PromptPoint = { id: createId("point"), at, label };
  return asked(document, { ...draft, points: [...draft.points, point], feedback: nextFeedback(draft) });
}

/** Moves a click. What was fed back with it stays: a drag must not feed on its own answers. */
export function movePoint(document: Document, id: string, at: ImagePoint): Document {
  const { draft } = document;
  const points = draft.points.map((point) => (point.id === id ? { ...point, at } : point));
  return asked(document, { ...draft, points });
}

/** Takes a click away. What it led to must not be fed back, so the others are asked afresh. */
export function removePoint(document: Document, id: string): Document {
  const { draft } = document;
  const points = draft.points.filter((point) => point.id !== id);
  if (points.length === draft.points.length) return document;
  return asked(document, { ...draft, points, feedback: null });
}

/** Sets or removes the box. A box is a fresh question: nothing is fed back with it. */
export function setBox(document: Document, boxXyxy: ExclusiveBoxXyxy | null): Document {
  return asked(document, { ...document.draft, boxXyxy, feedback: null });
}

/** Puts a painted mask in the place of the model's; null takes it away, and the clicks are asked again. */
export function paintDraft(document: Document, shape: MaskShape | null): Document {
  const painted = { ...document.draft, painted: shape, alternatives: null, chosen: 0, feedback: null };
  if (shape) return withDraft(document, { ...painted, outdated: null });
  return asked(document, painted);
}

/** Shows another of the alternatives. @param index ones outside of the list lead to its ends */
export function chooseAlternative(document: Document, index: number): Document {
  const { draft } = document;
  if (!draft.alternatives) return document;
  const chosen = Math.min(Math.max(index, 0), draft.alternatives.length - 1);
  return chosen === draft.chosen ? document : withDraft(document, { ...draft, chosen });
}

/** Puts the model's answer in, the best-rated of it shown. */
export function answerDraft(document: Document, alternatives: readonly Alternative[]): Document {
  const ratings = alternatives.map(({ predictedIou }) => predictedIou);
  const chosen = Math.max(0, ratings.indexOf(Math.max(...ratings)));
  return withDraft(document, { ...document.draft, alternatives, chosen, outdated: null });
}

/**
 * Wants a lone click answered anew, which may be answered by one mask or by three; any other question by one.
 */
export function askLoneClickAgain(document: Document): Document {
  const { draft } = document;
  const isLoneClick = draft.points.length === 1 && !draft.boxXyxy && !draft.feedback && !draft.painted;
  return isLoneClick ? asked(document, draft) : document;
}

function asked(document: Document, draft: Draft): Document {
  const unpainted = { ...draft, painted: null };
  if (isEmptyDraft(unpainted)) return withDraft(document, { ...EMPTY_DRAFT, objectId: draft.objectId });
  return withDraft(document, {
    ...unpainted,
    alternatives: null,
    chosen: 0,
    outdated: draftShape(document.draft),
  });
}

/**
 * What goes with a further click: the mask as painted, the logits of the one shown, or again what went
 * before.
 */
function nextFeedback(draft: Draft): Feedback | null {
  if (draft.painted) return { from: "mask", shape: draft.painted };
  const alternative = chosenAlternative(draft);
  return alternative ? { from: "logits", lowResLogits: alternative.lowResLogits } : draft.feedback;
}

function withDraft(document: Document, draft: Draft): Document {
  return { ...document, draft };
}
