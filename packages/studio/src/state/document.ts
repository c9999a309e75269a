/**
 * What belongs to one image and can be undone: objects, the mask being made, cut-outs. Plain data, never
 * changed in place.
 */

import type { JsonObject } from "@segany/dataset/formats";
import type { Accepts, CocoBoxXywh, ExclusiveBoxXyxy, ImagePoint, MaskRuns } from "@segany/masks";

/** A mask with what is known of it. */
export interface MaskShape {
  readonly segmentation: MaskRuns;
  /** Pixels inside. */
  readonly areaPx: number;
  readonly boxXywh: CocoBoxXywh;
}

/** A click of the user. */
export interface PromptPoint {
  readonly id: string;
  /** Pixels of the image. */
  readonly at: ImagePoint;
  /** 1: on the object, 0: not on it. */
  readonly label: 0 | 1;
}

/** One of the masks that the model offers for a prompt. */
export interface Alternative extends MaskShape {
  /** The model's own estimate of the mask's quality. */
  readonly predictedIou: number;
  /** Square, to be fed back with the next click; the same array for as long as the alternative lives. */
  readonly lowResLogits: Float32Array;
}

/**
 * What the next question takes from the mask before it: the model's own logits, or a mask painted by hand.
 */
export type Feedback =
  | { readonly from: "logits"; readonly lowResLogits: Float32Array }
  | { readonly from: "mask"; readonly shape: MaskShape };

/** The mask that is being made: what was asked, and what the model answered. */
export interface Draft {
  readonly points: readonly PromptPoint[];
  readonly boxXyxy: ExclusiveBoxXyxy | null;
  /** The object that is being edited, or null for a new one. */
  readonly objectId: string | null;
  /** A mask painted by hand. It stands in for the model's answer, and is fed back with the next click. */
  readonly painted: MaskShape | null;
  /** What goes with the clicks as the rough-mask prompt; null with a first click or a fresh box. */
  readonly feedback: Feedback | null;
  /** What was there before the last change, shown until the model has answered. */
  readonly outdated: MaskShape | null;
  /** The model's answer; null while there is none, which is when it has to be asked (again). */
  readonly alternatives: readonly Alternative[] | null;
  /** Which of the alternatives is shown. */
  readonly chosen: number;
}

/** Where an object's mask came from. */
export type ObjectSource = "prompt" | "everything" | "text" | "brush" | "import";

/** What was read of an object that the studio has no place for. It is written again as it was. */
export interface ForeignFields {
  readonly cropBoxXywh?: Accepts<CocoBoxXywh>;
  /** Fields of others, and values in the studio's own fields that it does not understand. */
  readonly extra: JsonObject;
}

/** A mask that the user keeps. */
export interface MaskObject extends MaskShape {
  /** A UUID, which it keeps for life, in files too. */
  readonly id: string;
  /** Of the annotation that it was read from; new objects get one when they are written. */
  readonly number?: number;
  readonly name: string;
  /** Of a class of the list (`classes.ts`), or of one that is not there any more; null for none. */
  readonly classId: string | null;
  /** Place in the palette of `canvas/colours.ts`, where it has no class. */
  readonly colour: number;
  readonly visible: boolean;
  /** A locked object is neither edited nor deleted. */
  readonly locked: boolean;
  readonly source: ObjectSource;
  readonly predictedIou: number | null;
  readonly stabilityScore: number | null;
  /** How sure the machine is that the mask, which it made, is good, 0 to 1. Absent where a person made it. */
  readonly confidence?: number;
  /** The clicks that made it, for editing and for provenance. */
  readonly points: readonly PromptPoint[];
  readonly boxXyxy: ExclusiveBoxXyxy | null;
  /** Absent where there is nothing. A copy of the object has it too. */
  readonly foreign?: ForeignFields;
}

/** An object cut out of its image, kept in the tray. */
export interface CutOut {
  readonly id: string;
  readonly name: string;
  readonly shape: MaskShape;
}

/** All of it; one of these is one step of undo. */
export interface Document {
  readonly objects: readonly MaskObject[];
  readonly draft: Draft;
  readonly cutOuts: readonly CutOut[];
}

/** Nothing asked yet. */
export const EMPTY_DRAFT: Draft = {
  points: [],
  boxXyxy: null,
  objectId: null,
  painted: null,
  feedback: null,
  outdated: null,
  alternatives: null,
  chosen: 0,
};

/** An image nobody has touched. */
export const EMPTY_DOCUMENT: Document = { objects: [], draft: EMPTY_DRAFT, cutOuts: [] };
