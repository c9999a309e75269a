import type { ClassList } from "./classes.js";
import type { Document } from "./document.js";
import type { Notice, StudioState } from "./types.js";

/** The store. */
export interface StudioStore {
  readonly getState: () => StudioState;
  /** Hears of every change; what comes back ends it. */
  readonly subscribe: (listener: (state: StudioState, before: StudioState) => void) => () => void;
  /** Changes what can't be undone. */
  readonly set: (change: (state: StudioState) => Partial<StudioState>) => void;
  /** A step of the open image's document that undo takes back; `label` is the command's name. */
  readonly edit: (label: string, change: (document: Document) => Document) => void;
  /**
   * Changes the open image's document without a step of its own: the middle of a drag, the model's answer.
   */
  readonly amend: (change: (document: Document) => Document) => void;
  /**
   * Begins a change by several `amend`s that `finishChange` makes one step, and `cancelChange` takes back.
   */
  readonly beginChange: () => void;
  readonly finishChange: (label: string) => void;
  readonly cancelChange: () => void;
  /** `edit` for any image; without a label it is no step. */
  readonly editImage: (
    imageId: string,
    label: string | null,
    change: (document: Document) => Document,
  ) => void;
  /** Changes an image as if it had always been so: what was there before the user's first step. */
  readonly editEveryStep: (imageId: string, change: (document: Document) => Document) => void;
  /** A step of the list of classes. */
  readonly editClasses: (label: string, change: (classes: ClassList) => ClassList) => void;
  /** Changes the list as if it had always been so. */
  readonly editEveryClassStep: (change: (classes: ClassList) => ClassList) => void;
  /** Makes one step, for undo, of all that is edited meanwhile. */
  readonly together: (edit: () => void) => void;
  /** Takes back the last step of the open image or of the list of classes, whichever came later. */
  readonly undo: () => void;
  readonly redo: () => void;
  /** Tells the user; `dismiss` takes it away again. */
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly dismiss: (noticeId: string) => void;
}
