import { type ColumnRuns, columnRunsOf, type MaskRuns } from "@segany/masks";

const known = new WeakMap<MaskRuns, ColumnRuns>();

/** The columns of a mask, split once for as long as it lives: the cursor asks for them at each move. */
export function knownColumnsOf(mask: MaskRuns): ColumnRuns {
  const cached = known.get(mask);
  if (cached) return cached;
  const columns = columnRunsOf(mask);
  known.set(mask, columns);
  return columns;
}
