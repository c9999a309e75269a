/** What of a file can't be used, and how the user is told. */

import { createReadLossCounter, type DatasetError } from "@segany/dataset/formats";
import { StudioError } from "../errors.js";
import type { MaskFile } from "./imported-file.js";

export interface ImportProblems {
  /** Takes what is wrong with a record, which is then left out. */
  readonly onProblem: (problem: DatasetError) => void;
  /** Takes what is right but has no place here. */
  readonly onLoss: ReturnType<typeof createReadLossCounter>["onLoss"];
  /**
   * What was left out, in sentences.
   *
   * @throws StudioError `masks-invalid` with the first problem where the records have nothing at all
   */
  remarksOn(records: MaskFile["records"]): readonly string[];
}

export function createImportProblems(): ImportProblems {
  const problems: string[] = [];
  const losses = createReadLossCounter();
  return {
    onProblem: ({ message }) => void problems.push(message),
    onLoss: losses.onLoss,
    remarksOn(records) {
      const isEmpty = records.every(({ annotations }) => annotations.length === 0);
      if (isEmpty && problems.length > 0) throw new StudioError("masks-invalid", problems[0]!);
      return [
        ...(problems.length > 0 ? [`${problems.length} left out, the first because: ${problems[0]}`] : []),
        ...losses.list().map(({ what, count }) => `Left out: ${what} (${count}).`),
      ];
    },
  };
}
