/** Questions about objects that this page and another have changed. */

import { v4 as createUuid } from "uuid";
import type { Conflict, Resolution, Resolutions } from "../state/merge-objects.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Choices } from "../state/types.js";

/** Puts questions to the user, one for a picture at a time. */
export interface ConflictQuestions {
  /** @returns null when the user wants to decide later, or the picture is gone */
  ask(pictureId: string, conflicts: readonly Conflict[]): Promise<Resolutions | null>;
  /** Takes the question away. @param choices of all its conflicts, by UUID; null: not now */
  answer(pictureId: string, choices: Choices | null): void;
}

export function createConflictQuestions(store: StudioStore): ConflictQuestions {
  const waiting = new Map<string, (resolutions: Resolutions | null) => void>();
  return {
    ask(pictureId, conflicts) {
      store.set(({ questions }) => ({ questions: [...questions, { pictureId, conflicts }] }));
      return new Promise((resolve) => waiting.set(pictureId, resolve));
    },
    answer(pictureId, choices) {
      store.set(({ questions }) => ({
        questions: questions.filter((question) => question.pictureId !== pictureId),
      }));
      waiting.get(pictureId)?.(choices && resolutionsOf(choices));
      waiting.delete(pictureId);
    },
  };
}

function resolutionsOf(choices: Choices): Resolutions {
  const entries = Object.entries(choices).map(([id, keep]): [string, Resolution] => [
    id,
    keep === "both" ? { keep, copyId: createUuid() } : { keep },
  ]);
  return new Map(entries);
}
