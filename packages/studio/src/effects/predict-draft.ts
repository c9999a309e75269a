import { isAbort, messageOf } from "../errors.js";
import type { OpenPicture } from "../segmentation/types.js";
import type { Candidate, Draft } from "../state/document.js";
import { answerDraft } from "../state/draft-edits.js";
import { chosenCandidate, isUnanswered } from "../state/draft-queries.js";
import { openDocument } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { PictureSessions } from "./picture-sessions.js";
import { createRetries } from "./predict-retries.js";
import { type Question, questionOf } from "./question.js";

/**
 * Asks the model whenever the draft has no answer: after a click, and when undo leads to a question that was never
 * answered. One question is under way at a time; of those that come meanwhile only the last is asked. An answer that
 * comes too late is still shown until the next: a box that is dragged has its mask follow. A question that failed for
 * now is asked again by itself, as long as it is still the one that the user wants answered.
 *
 * @returns ends it
 */
export function watchDraft(store: StudioStore, sessions: PictureSessions): () => void {
  let asking = false;
  const retries = createRetries(store, look);

  function look(): void {
    if (asking) return;
    const state = store.getState();
    const { draft } = openDocument(state);
    const picture = sessions.of(state.openPictureId);
    const question =
      picture && isUnanswered(draft) ? questionOf(draft, picture, state.preferences.multimask) : null;
    if (retries.mayAsk(draft, question ? picture : null) && picture && question)
      void ask(picture, draft, question);
    else if (state.predicting) store.set(() => ({ predicting: false }));
  }

  async function ask(picture: OpenPicture, draft: Draft, { prompt, multimask }: Question): Promise<void> {
    asking = true;
    const { openPictureId, predicting } = store.getState();
    if (!predicting) store.set(() => ({ predicting: true }));
    try {
      const candidates = await picture.predict(prompt, { multimask });
      if (openPictureId !== null) answer(openPictureId, draft, candidates);
    } catch (error) {
      const isAskedAgain = retries.failed(error, draft, picture);
      if (!isAskedAgain && !isAbort(error))
        store.notify("error", `The model gave no mask. ${messageOf(error)}`);
    } finally {
      asking = false;
      look();
    }
  }

  function answer(pictureId: string, asked: Draft, candidates: readonly Candidate[]): void {
    store.editPicture(pictureId, null, (document) => {
      const { draft } = document;
      if (draft === asked) return answerDraft(document, candidates);
      if (!isUnanswered(draft) || draft.objectId !== asked.objectId) return document;
      const late = chosenCandidate(answerDraft({ ...document, draft: asked }, candidates).draft);
      return { ...document, draft: { ...draft, outdated: late } };
    });
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (state.pictures !== before.pictures || state.openPictureId !== before.openPictureId) look();
  });
  return () => {
    unsubscribe();
    retries.close();
  };
}
