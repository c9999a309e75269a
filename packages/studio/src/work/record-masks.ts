/** Follows how the masks of an image come about, so that each can be made again. */

import type { MaskRuns } from "@segany/masks";
import type { Draft, MaskObject, MaskShape } from "../state/document.js";
import { draftShape } from "../state/draft-queries.js";
import { modelIdentity, runModeOf } from "../state/selectors.js";
import type { GalleryImage, StudioState } from "../state/types.js";
import { type AnsweredBy, createMaskRecipes, type Recipe } from "./mask-recipes.js";

/** The mask of an object that has changed, and how it is made. */
export interface RecordedMask {
  readonly mask?: MaskRuns;
  readonly recipe?: Recipe;
}

export interface MaskRecorder {
  /** The draft of an image became another. */
  followDraft(before: Draft, after: Draft, image: GalleryImage, state: StudioState): void;
  /** An object is new or has changed. @param accepted the draft's mask, if it was accepted */
  followObject(object: MaskObject, before: MaskObject | undefined, accepted: MaskShape | null): void;
  /** What has become of an object's mask since it was taken the last time. */
  take(objectId: string): RecordedMask;
}

export function recordMasks(): MaskRecorder {
  const recipes = createMaskRecipes();
  const changed = new Map<string, MaskRuns>();
  return {
    followDraft(before, after, image, state) {
      if (after.alternatives && after.alternatives !== before.alternatives)
        recipes.answered(after, image, answeredBy(state));
      // An object that is taken up again stands as if painted, which is no change of it.
      const isPainted = after.painted !== before.painted && after.objectId === before.objectId;
      if (after.painted && isPainted)
        recipes.changed(draftShape(before)?.segmentation ?? null, after.painted.segmentation);
    },
    followObject({ id, segmentation }, before, accepted) {
      if (segmentation === before?.segmentation) return;
      if (before && segmentation !== accepted?.segmentation)
        recipes.changed(before.segmentation, segmentation);
      changed.set(id, segmentation);
    },
    take(objectId) {
      const mask = changed.get(objectId);
      changed.delete(objectId);
      return mask ? { mask, recipe: recipes.of(mask) } : {};
    },
  };
}

function answeredBy(state: StudioState): AnsweredBy | null {
  const model = modelIdentity(state);
  const runsOn = runModeOf(state);
  return model && runsOn && { model, runsOn };
}
