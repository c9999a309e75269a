import type { DecodedSearch } from "../segmentation/types.js";
import type { FoundMask, FoundThresholds } from "../state/types.js";

/** Picks masks anew out of what everything mode has found, as thresholds move. */
export interface FoundSelection {
  /** Takes what was found, in place of what it had. */
  take(found: DecodedSearch): void;
  /**
   * One selection runs at a time; of those that wait, only the latest counts.
   *
   * @throws what the selection throws
   */
  select(thresholds: Required<FoundThresholds>): Promise<void>;
  release(): void;
}

/** @param onSelected hears of every selection, unless what it is of was released meanwhile */
export function createFoundSelection(
  onSelected: (found: readonly FoundMask[], selection: Required<FoundThresholds>) => void,
): FoundSelection {
  let decoded: DecodedSearch | null = null;
  let wanted: Required<FoundThresholds> | null = null;
  let selecting = false;

  function release(): void {
    void decoded?.release();
    decoded = null;
    wanted = null;
  }

  return {
    take(found) {
      release();
      decoded = found;
    },
    async select(thresholds) {
      wanted = thresholds;
      if (selecting) return;
      selecting = true;
      try {
        while (wanted && decoded) {
          const selection: Required<FoundThresholds> = wanted;
          wanted = null;
          const from: DecodedSearch = decoded;
          const found = await from.select(selection);
          if (decoded === from) onSelected(found, selection);
        }
      } finally {
        selecting = false;
      }
    },
    release,
  };
}
