/** Records how masks are made, for their provenance. */

import { type Document, type Draft, EMPTY_DRAFT, type MaskObject } from "../state/document.js";
import { currentShape, isEmptyDraft } from "../state/draft-queries.js";
import { openImage } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import { type RecordedMask, recordMasks } from "./record-masks.js";
import { eventsBetween, type WorkEvent } from "./work-events.js";

/** What was done for an object. */
export interface RecordedWork extends RecordedMask {
  readonly events: readonly WorkEvent[];
}

/** What was done for each object. */
export interface WorkRecorder {
  /** What was done for an object since it was taken the last time. @param objectId its UUID */
  take(objectId: string): RecordedWork;
  /** Ends it. */
  close(): void;
}

/**
 * Watches the open image. The work on a mask starts when the image is opened or the mask before it was
 * accepted. A step that was undone is not among the events of what is accepted in the end.
 */
export function recordWork(store: StudioStore, now: () => number = Date.now): WorkRecorder {
  const ofDraft = new WeakMap<Draft, readonly WorkEvent[]>();
  const ofObject = new Map<string, readonly WorkEvent[]>();
  const masks = recordMasks();
  let startedAt = now();

  function followDraft(before: Draft, after: Draft): void {
    if (before === after || isEmptyDraft(after)) return;
    const at = now();
    const known = ofDraft.get(after);
    if (known) ofDraft.set(after, [...known, { at, kind: "undo" }]);
    else
      ofDraft.set(after, [...begun(before, after, at), ...eventsBetween(baseOf(before, after), after, at)]);
  }

  function begun(before: Draft, after: Draft, at: number): readonly WorkEvent[] {
    const known = before.objectId === after.objectId ? ofDraft.get(before) : undefined;
    if (known) return known;
    const start: WorkEvent = { at: startedAt, kind: "start" };
    return after.objectId === null ? [start] : [start, { at, kind: "edit" }];
  }

  function followObjects(before: Document, after: Document): void {
    const known = new Map(before.objects.map((object) => [object.id, object]));
    const shape = isEmptyDraft(after.draft) ? currentShape(before.draft) : null;
    for (const object of after.objects) {
      const old = known.get(object.id);
      if (object === old) continue;
      masks.followObject(object, old, shape);
      const isAccepted =
        shape?.segmentation === object.segmentation && old?.segmentation !== shape.segmentation;
      log(object.id, isAccepted ? accepted(before.draft) : [describe(object, old)]);
    }
  }

  function accepted(draft: Draft): readonly WorkEvent[] {
    startedAt = now();
    return [...(ofDraft.get(draft) ?? []), { at: startedAt, kind: "accept" }];
  }

  function describe(object: MaskObject, old: MaskObject | undefined): WorkEvent {
    const kind = !old ? "add" : object.classId !== old.classId ? "class" : "change";
    return { at: now(), kind };
  }

  function log(objectId: string, events: readonly WorkEvent[]): void {
    ofObject.set(objectId, [...(ofObject.get(objectId) ?? []), ...events]);
  }

  const unsubscribe = store.subscribe((state, before) => {
    const [image, old] = [openImage(state), openImage(before)];
    if (!image || image === old) return;
    if (image.id !== old?.id) {
      startedAt = now();
      return;
    }
    const [present, past] = [image.history.present, old.history.present];
    masks.followDraft(past.draft, present.draft, image, state);
    followDraft(past.draft, present.draft);
    if (present.objects !== past.objects && isStep(image, old)) followObjects(past, present);
  });

  return {
    take(objectId) {
      const events = ofObject.get(objectId) ?? [];
      ofObject.delete(objectId);
      return { events, ...masks.take(objectId) };
    },
    close: unsubscribe,
  };
}

/** An object that is taken up again brings its prompts along: these are no events. */
function baseOf(before: Draft, after: Draft): Draft {
  if (before.objectId === after.objectId) return isEmptyDraft(before) ? EMPTY_DRAFT : before;
  return after.objectId === null ? EMPTY_DRAFT : after;
}

/** Whether the user did it: what others have changed is put into every step without being one. */
function isStep({ history }: GalleryImage, { history: before }: GalleryImage): boolean {
  return history.past.at(-1)?.at !== before.past.at(-1)?.at || history.future.length !== before.future.length;
}
