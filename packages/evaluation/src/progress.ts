import type { EvaluationSet } from "./data/samples.js";
import type { EvaluationProgress } from "./protocols/protocol.js";

/**
 * Makes progress of a protocol out of how far it is in one of the sets, which it goes through in order.
 *
 * @param limit most images of a set that are looked at
 */
export function progressOf(
  sets: readonly EvaluationSet[],
  limit: number | undefined,
): (set: EvaluationSet, imagesDone: number) => EvaluationProgress {
  const totals = sets.map(({ dataset }) => Math.min(dataset.imageCount ?? Infinity, limit ?? Infinity));
  const done = sets.map(() => 0);
  return (set, imagesDone) => {
    const setIndex = sets.indexOf(set);
    done[setIndex] = imagesDone;
    const total = totals[setIndex]!;
    const doneOfAll = sum(done);
    const ofAll = doneOfAll - imagesDone + total + sum(totals.slice(setIndex + 1));
    return {
      set: set.name,
      setIndex,
      setCount: sets.length,
      imagesDone,
      ...(Number.isFinite(total) && { imagesTotal: total }),
      ...(Number.isFinite(ofAll) && { share: ofAll > 0 ? doneOfAll / ofAll : 0 }),
    };
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
