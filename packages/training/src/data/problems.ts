/** What can be wrong with a data set that is trained on, by kind, with how several are called. */
const KINDS = {
  "box-without-mask": "boxes without a mask",
  "class-with-one-mask": "classes with a single mask",
  crowd: "regions of crowds",
  "image-missing": "images whose file is missing",
  "image-size": "images whose file has another size than the set says",
  "image-unreadable": "images whose file can't be read",
  "image-without-mask": "images without a mask to train on",
  "mask-empty": "masks without a pixel",
  "mask-too-large": "masks that cover more than 90 % of their image",
  "mask-too-small": "masks that are too small for the model",
  "record-invalid": "records that can't be read",
} as const;

/** A kind of problem. */
export type DataProblemKind = keyof typeof KINDS;

/**
 * Something in a data set that training does without. Classes with a single mask are the exception: they are
 * used, but can't be both trained and validated.
 */
export interface DataProblem {
  readonly kind: DataProblemKind;
  /** What is wrong, with the file and the id. */
  readonly message: string;
  /** Of the image, as the set has it. */
  readonly fileName?: string;
  /** Of the annotation, as the set has it. */
  readonly annotationId?: number;
}

/** How often each kind was met. */
export type DataProblemCounts = Readonly<Partial<Record<DataProblemKind, number>>>;

/** Takes problems: counts all, and keeps the first. */
export interface DataProblemList {
  readonly problems: readonly DataProblem[];
  readonly counts: DataProblemCounts;
  note(problem: DataProblem): void;
}

/** Nobody reads more; all are counted. */
const KEPT_PROBLEMS = 1000;

/** Begins a list. */
export function createDataProblemList(): DataProblemList {
  const problems: DataProblem[] = [];
  const counts: Partial<Record<DataProblemKind, number>> = {};
  return {
    problems,
    counts,
    note(problem) {
      counts[problem.kind] = (counts[problem.kind] ?? 0) + 1;
      if (problems.length < KEPT_PROBLEMS) problems.push(problem);
    },
  };
}

/**
 * Counts of problems in words, most frequent first.
 *
 * @example
 * console.log(describeDataProblems({ crowd: 2, "mask-empty": 3 }));
 * // [ '3 x masks without a pixel', '2 x regions of crowds' ]
 */
export function describeDataProblems(counts: DataProblemCounts): string[] {
  const entries = Object.entries(counts) as [DataProblemKind, number][];
  return entries.sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} x ${KINDS[kind]}`);
}
