/** What a mask's provenance says of how it is made again. Pure. */

import { rleToRuns, runsToRle, xorRuns } from "@segany/masks";
import type { EngineProvenance, MaskStep } from "../api/engine.js";
import type { ObjectContent } from "../formats/engine-masks.js";
import { editStep } from "./mask-recipes.js";
import type { RecordedMask } from "./record-masks.js";

/** Characters of JSON that the steps of a mask may have; longer ones become one edit. */
const MAX_STEPS_JSON = 300_000;

/**
 * The steps of a mask: as they were recorded, or the difference to the mask before.
 *
 * @param before what the change replaces; undefined for a new object
 * @returns nothing where it is not known how the mask came to be
 */
export function howMade(
  { mask, recipe }: RecordedMask,
  source: EngineProvenance["source"],
  content: ObjectContent,
  before: ObjectContent | undefined,
): Pick<EngineProvenance, "steps" | "model" | "runsOn"> {
  const isOf = (runs: Parameters<typeof runsToRle>[0], { mask: { counts } }: ObjectContent) =>
    runsToRle(runs).counts === counts;
  if (mask && recipe && isOf(mask, content)) {
    const begins = recipe.base === null || (before && isOf(recipe.base, before));
    const steps = [...recipe.steps];
    if (begins && JSON.stringify(steps).length <= MAX_STEPS_JSON) return { steps, ...recipe.by };
  }
  const steps = byDifference(source, content, before);
  return steps ? { steps } : {};
}

/** What was painted from nothing is one edit; nothing says how other new masks were made. */
function byDifference(
  source: EngineProvenance["source"],
  { mask }: ObjectContent,
  before: ObjectContent | undefined,
): MaskStep[] | undefined {
  if (!before) return source === "manual" ? [editStep(rleToRuns(mask))] : undefined;
  if (before.mask.counts === mask.counts) return [{ kind: "previous" }];
  return [{ kind: "previous" }, editStep(xorRuns(rleToRuns(before.mask), rleToRuns(mask)))];
}
