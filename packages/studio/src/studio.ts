/** What a command works with. */

import type { Document } from "./state/document.js";
import type { StudioState } from "./state/types.js";

/** The store, and the effects behind it. */
export interface Studio {
  readonly getState: () => StudioState;
  /** Changes what can't be undone. */
  readonly set: (change: (state: StudioState) => Partial<StudioState>) => void;
  /** A step of the open picture's document that undo takes back; `label` is the command's name. */
  readonly edit: (label: string, change: (document: Document) => Document) => void;
  /** Changes the open picture's document without a step of its own: the middle of a drag, the model's answer. */
  readonly amend: (change: (document: Document) => Document) => void;
}
