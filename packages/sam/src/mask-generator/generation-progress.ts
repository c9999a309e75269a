import type { CropProgress } from "../proposals/types.js";

/** What can be seen of a running generation. */
export interface GenerationProgress {
  readonly cropsDone: number;
  readonly cropsTotal: number;
  readonly pointsDone: number;
  readonly pointsTotal: number;
  /** Masks rated well enough so far, before unstable ones and duplicates are removed. */
  readonly candidates: number;
}

/** Adds up how far the crops of an image are, which are searched one after the other. */
export interface ProgressCount {
  /** @param crop how far the crop is that is being searched */
  at(crop: Pick<CropProgress, "pointsDone" | "candidates">): GenerationProgress;
  /** The next crop is being searched. */
  next(): void;
}

/** @param pointsPerCrop points of each crop's grid, in the order of searching */
export function createProgressCount(pointsPerCrop: readonly number[]): ProgressCount {
  const pointsTotal = pointsPerCrop.reduce((total, points) => total + points, 0);
  let cropsDone = 0;
  let pointsBefore = 0;
  let candidatesBefore = 0;
  let found = 0;
  return {
    at({ pointsDone, candidates }) {
      found = candidates;
      return {
        cropsDone,
        cropsTotal: pointsPerCrop.length,
        pointsDone: pointsBefore + pointsDone,
        pointsTotal,
        candidates: candidatesBefore + candidates,
      };
    },
    next() {
      pointsBefore += pointsPerCrop[cropsDone++]!;
      candidatesBefore += found;
      found = 0;
    },
  };
}
