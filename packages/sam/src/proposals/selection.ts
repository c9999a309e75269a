/**
 * `official` follows Meta's repository to the mask; `paper` follows appendix B. `fast` is `official` at about a third of
 * the work, and not exact: see `proposeSparsely` and docs/performance.md.
 */
export type Behaviour = "official" | "paper" | "fast";

/** What decides which masks are kept; all of it can be changed after decoding. */
export interface SelectionOptions {
  /** Masks are kept whose predicted IoU is above this; 0 or less keeps all. */
  readonly predIouThresh?: number;
  /** Masks are kept whose stability score is at least this; 0 or less keeps all. */
  readonly stabilityScoreThresh?: number;
  /** Of two boxes in one crop that overlap by more than this IoU the better-rated mask is kept. */
  readonly boxNmsThresh?: number;
  /** The same between crops, where the mask from the smaller crop is kept. */
  readonly cropNmsThresh?: number;
  /** Holes and islands below this many pixels are removed; 0 leaves masks as they are. */
  readonly minMaskRegionArea?: number;
}

/** All selection options with their values. */
export type Selection = Required<SelectionOptions>;
