import type { CropProgress } from "../proposals/types.js";

/** Progress of a generation. */
export interface GenerationProgress {
  readonly cropsDone: number;
  readonly cropsTotal: number;
  readonly pointsDone: number;
  readonly pointsTotal: number;
  /** Masks above the predicted-IoU threshold so far, before unstable ones and duplicates are removed. */
  readonly candidates: number;
}

/** Sums the progress of an image's crops, which are searched one after another. */
export interface ProgressCount {
  /** @param crop progress of the current crop */
  at(crop: Pick<CropProgress, "pointsDone" | "candidates">): GenerationProgress;
  /** Starts the next crop. */
  next(): void;
}

/** @param pointsPerCrop number of points of each crop's grid, in search order */
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
