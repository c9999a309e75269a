/** What a command works with. */

import type { Document } from "./state/document.js";
import type { StudioState } from "./state/types.js";

/** The store, and the effects behind it. */
export interface Studio {
  readonly getState: () => StudioState;
  /** Hears of every change; what comes back ends it. */
  readonly subscribe: (listener: (state: StudioState, before: StudioState) => void) => () => void;
  /** Changes what can't be undone. */
  readonly set: (change: (state: StudioState) => Partial<StudioState>) => void;
  /** A step of the open picture's document that undo takes back; `label` is the command's name. */
  readonly edit: (label: string, change: (document: Document) => Document) => void;
  /** Changes the open picture's document without a step of its own: the middle of a drag, the model's answer. */
  readonly amend: (change: (document: Document) => Document) => void;
  /** A picture of the gallery, upright and decoded for drawing; the same bitmap for as long as it is in the gallery. */
  readonly bitmapOf: (pictureId: string) => Promise<ImageBitmap>;
}
