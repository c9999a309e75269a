/** Questions about objects that this page and another have changed. */

import { v4 as createUuid } from "uuid";
import type { Conflict, Resolution, Resolutions } from "../state/merge-objects.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Choices } from "../state/types.js";

/** Puts questions to the user, one for an image at a time. */
export interface ConflictQuestions {
  /** @returns null when the user wants to decide later, or the image is gone */
  ask(imageId: string, conflicts: readonly Conflict[]): Promise<Resolutions | null>;
  /** Takes the question away. @param choices of all its conflicts, by UUID; null: not now */
  answer(imageId: string, choices: Choices | null): void;
}

export function createConflictQuestions(store: StudioStore): ConflictQuestions {
  const waiting = new Map<string, (resolutions: Resolutions | null) => void>();
  return {
    ask(imageId, conflicts) {
      store.set(({ questions }) => ({ questions: [...questions, { imageId, conflicts }] }));
      return new Promise((resolve) => waiting.set(imageId, resolve));
    },
    answer(imageId, choices) {
      store.set(({ questions }) => ({
        questions: questions.filter((question) => question.imageId !== imageId),
      }));
      waiting.get(imageId)?.(choices && resolutionsOf(choices));
      waiting.delete(imageId);
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
