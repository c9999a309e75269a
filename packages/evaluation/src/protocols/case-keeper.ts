import type { Case } from "./protocol.js";

/** How many of the worst and of the best cases a report shows for each data set. */
export const CASE_COUNT = 6;

/** Keeps the worst and best of any number of cases. */
export interface CaseKeeper {
  /** `make` is called only for cases that are kept at least for now. */
  add(score: number, make: () => Omit<Case, "score">): void;
  /** Lowest score first. */
  worst(): Case[];
  /** Highest score first, without those among the worst. */
  best(): Case[];
}

export function createCaseKeeper(count = CASE_COUNT): CaseKeeper {
  const lowest: Case[] = [];
  const highest: Case[] = [];
  const insert = (list: Case[], kept: Case, isBefore: (a: number, b: number) => boolean): void => {
    const place = list.findIndex((other) => isBefore(kept.score, other.score));
    list.splice(place === -1 ? list.length : place, 0, kept);
    if (list.length > count) list.pop();
  };
  return {
    add(score, make) {
      const isLow = lowest.length < count || score < lowest.at(-1)!.score;
      const isHigh = highest.length < count || score > highest.at(-1)!.score;
      if (!isLow && !isHigh) return;
      const kept = { score, ...make() };
      if (isLow) insert(lowest, kept, (a, b) => a < b);
      if (isHigh) insert(highest, kept, (a, b) => a > b);
    },
    worst: () => [...lowest],
    best: () => highest.filter((kept) => !lowest.includes(kept)),
  };
}
