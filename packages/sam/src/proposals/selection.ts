/**
 * Behaviour of the mask generator. `official` returns the masks of Meta's repository, `paper` follows
 * appendix B. `fast` approximates `official` at about a quarter of the time: see `proposeSparsely` and
 * docs/performance.md.
 */
export type Behaviour = "official" | "paper" | "fast";

/** Which masks are selected; all of it can be changed after decoding. */
export interface SelectionOptions {
  /** Selects masks whose predicted IoU is above this; 0 or less selects all. */
  readonly predIouThresh?: number;
  /** Selects masks whose stability score is at least this; 0 or less selects all. */
  readonly stabilityScoreThresh?: number;
  /** Box IoU within a crop above which only the mask with the better score is selected. */
  readonly boxNmsThresh?: number;
  /** Box IoU between crops above which only the mask from the smaller crop is selected. */
  readonly cropNmsThresh?: number;
  /** Holes and islands with fewer pixels are removed; 0 leaves masks unchanged. */
  readonly minMaskRegionArea?: number;
}

/** All selection options with their values. */
export type Selection = Required<SelectionOptions>;
