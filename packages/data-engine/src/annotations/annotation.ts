import type { Rle } from "@segany/masks";
import type { MaskStep } from "./mask-steps.js";

/** Where a mask comes from. */
export type AnnotationSource = "manual" | "semi-automatic" | "automatic" | "merged" | "imported";

/** Something the annotator did, in the order of time. */
export interface WorkEvent {
  /** Milliseconds since 1970, by the annotator's clock. */
  readonly at: number;
  /** `start`, `click`, `box`, `brush`, `eraser`, `polygon`, `accept` … */
  readonly kind: string;
  /** What is needed to make the mask again: points, boxes, strokes in pixels of the image. */
  readonly [detail: string]: unknown;
}

/** How a mask came to be. */
export interface Provenance {
  readonly source: AnnotationSource;
  readonly model?: { readonly name: string /** SHA-256 of the checkpoint. */; readonly hash: string };
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Of a mask that the machine made: its own scores, and `confidence`, 0 to 1. */
  readonly scores?: Readonly<Record<string, number>>;
  readonly events?: readonly WorkEvent[];
  /** What makes exactly this mask again; absent where it is not known. */
  readonly steps?: readonly MaskStep[];
  /**
   * Where the model of the steps ran: all on the server; encoded there and decoded in the page, from an
   * embedding of half precision; all in the page.
   */
  readonly runsOn?: "server" | "server-encodes" | "browser";
  readonly [detail: string]: unknown;
}

/** An object's present mask. */
export interface Annotation {
  readonly id: string;
  readonly job: string;
  readonly image: string;
  /** Number of the current revision. */
  readonly revision: number;
  readonly mask: Rle;
  /** null in class-agnostic projects, and until there is a class. */
  readonly className: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly source: AnnotationSource;
  readonly area: number;
  /** How sure the machine is that the mask is good, 0 to 1; null for what people made. */
  readonly confidence: number | null;
  readonly author: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** A state that an object had. */
export interface Revision {
  readonly number: number;
  readonly kind: "create" | "edit" | "delete" | "restore";
  /** null for a deletion. */
  readonly mask: Rle | null;
  readonly className: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
  readonly author: string;
  readonly stage: string;
  readonly createdAt: number;
  readonly clicks: number;
  readonly activeMs: number;
}

/** A change to an object of the image whose lock is held. */
export type AnnotationChange = {
  /** Chosen by the client, a UUID: a change that is sent again is stored once. */
  readonly change: string;
  /** The object, a UUID chosen by the client when it is new. */
  readonly annotation: string;
  /** The revision that the change was made on; 0 for a new object. */
  readonly base: number;
} & (
  | {
      readonly kind: "put";
      readonly mask: Rle;
      readonly className?: string | null;
      readonly attributes?: Readonly<Record<string, unknown>>;
      readonly provenance: Provenance;
    }
  | { readonly kind: "delete"; readonly provenance?: Provenance }
  /** Brings back the mask and class of an earlier revision. */
  | { readonly kind: "restore"; readonly revision: number }
);

/** What became of a change. */
export interface ChangeResult {
  readonly change: string;
  readonly annotation: string;
  /** `conflict`: the object has another revision than the change's base, and nothing was stored. */
  readonly result: "saved" | "conflict";
  /** The current revision. */
  readonly revision: number;
}
