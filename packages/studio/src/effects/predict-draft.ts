import { isAbort, messageOf } from "../errors.js";
import type { OpenImage } from "../segmentation/types.js";
import type { Alternative, Draft } from "../state/document.js";
import { answerDraft } from "../state/draft-edits.js";
import { chosenAlternative, isUnanswered } from "../state/draft-queries.js";
import { openDocument } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { ImageLoader } from "./image-loader.js";
import { createRetries } from "./predict-retries.js";
import { type Question, questionOf } from "./question.js";

/**
 * Asks the model whenever the draft has no answer: after a click, and when undo leads to a question that was
 * never answered. One question is under way at a time; of those that come meanwhile only the last is asked.
 * An answer that comes too late is still shown until the next: a box that is dragged has its mask follow. A
 * question that failed for now is asked again by itself, as long as it is still the one that the user wants
 * answered.
 *
 * @returns ends it
 */
export function watchDraft(store: StudioStore, loader: ImageLoader): () => void {
  let asking = false;
  const retries = createRetries(store, look);

  function look(): void {
    if (asking) return;
    const state = store.getState();
    const { draft } = openDocument(state);
    const image = loader.of(state.openImageId);
    const question =
      image && isUnanswered(draft) ? questionOf(draft, image, state.preferences.multimask) : null;
    if (retries.mayAsk(draft, question ? image : null) && image && question) void ask(image, draft, question);
    else if (state.predicting) store.set(() => ({ predicting: false }));
  }

  async function ask(image: OpenImage, draft: Draft, { prompt, multimask }: Question): Promise<void> {
    asking = true;
    const { openImageId, predicting } = store.getState();
    if (!predicting) store.set(() => ({ predicting: true }));
    try {
      const alternatives = await image.predict(prompt, { multimask });
      if (openImageId !== null) answer(openImageId, draft, alternatives);
    } catch (error) {
      const isAskedAgain = retries.failed(error, draft, image);
      if (!isAskedAgain && !isAbort(error))
        store.notify("error", `The model gave no mask. ${messageOf(error)}`);
    } finally {
      asking = false;
      look();
    }
  }

  function answer(imageId: string, asked: Draft, alternatives: readonly Alternative[]): void {
    store.editImage(imageId, null, (document) => {
      const { draft } = document;
      if (draft === asked) return answerDraft(document, alternatives);
      if (!isUnanswered(draft) || draft.objectId !== asked.objectId) return document;
      const late = chosenAlternative(answerDraft({ ...document, draft: asked }, alternatives).draft);
      return { ...document, draft: { ...draft, outdated: late } };
    });
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (state.images !== before.images || state.openImageId !== before.openImageId) look();
  });
  return () => {
    unsubscribe();
    retries.close();
  };
}
