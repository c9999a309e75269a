/** What the user's pointer is about, while it lasts: drawn on the overlay and forgotten afterwards. */

import type { ExclusiveBoxXyxy, ImagePoint, Stroke } from "@segany/masks";
import type { MaskShape } from "../state/document.js";
import type { ScreenPoint } from "./view.js";

/** What is being dragged. */
export type Doing =
  | { readonly kind: "nothing" }
  | { readonly kind: "pan" }
  | { readonly kind: "point"; readonly pointId: string; readonly at: ImagePoint }
  | { readonly kind: "box"; readonly boxXyxy: ExclusiveBoxXyxy }
  | {
      readonly kind: "stroke";
      readonly mode: "add" | "erase";
      readonly stroke: Stroke;
      /** What is painted on; null for nothing yet. */
      readonly shape: MaskShape | null;
    };

export interface Pointing {
  /** Where a mouse or pen is; null when it is not over the stage, and for fingers. */
  readonly cursor: ScreenPoint | null;
  readonly doing: Doing;
  /** The prompt point under the cursor. */
  readonly pointId: string | null;
  /** Whether the alternatives' cards are fanned out, and which one the cursor is on. */
  readonly fan: { readonly isOpen: boolean; readonly card: number | null };
}

export const CLOSED_FAN: Pointing["fan"] = { isOpen: false, card: null };

export const POINTING_AT_NOTHING: Pointing = {
  cursor: null,
  doing: { kind: "nothing" },
  pointId: null,
  fan: CLOSED_FAN,
};
