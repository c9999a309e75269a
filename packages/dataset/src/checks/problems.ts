import { DatasetError } from "../errors.js";
import { createReadLossCounter, type OnReadLoss } from "../read-losses.js";
import { ownError } from "../set-aside.js";

/** Every kind of problem a data set can have. */
export type ProblemCode =
  | "area-mismatch"
  | "box-mismatch"
  | "category-unknown"
  | "dataset-invalid"
  | "duplicate-annotation-id"
  | "duplicate-category-id"
  | "duplicate-category-name"
  | "duplicate-file-name"
  | "duplicate-image-id"
  | "field-invalid"
  | "image-mismatch"
  | "image-unknown"
  | "image-unreadable"
  | "json-invalid"
  | "mask-empty"
  | "name-unsafe"
  | "not-read"
  | "polygon-invalid"
  | "rle-invalid"
  | "size-mismatch"
  | "tar-invalid"
  | "text-invalid"
  | "too-large"
  | "unpaired-image"
  | "unpaired-masks";

/** Something wrong, with its place. */
export interface Problem {
  readonly code: ProblemCode;
  /** The file, or `shard:entry`. */
  readonly file: string;
  /** The record in the file, as "annotations 12 (id 4711)". */
  readonly record?: string;
  readonly field?: string;
  /** What is wrong, with the value. */
  readonly message: string;
}

/** Counts of images that EXIF turns. */
export interface TurnedImages {
  /** With sizes as they are seen. */
  readonly seen: number;
  /** With sizes as their pixels are stored; readers turn their masks. */
  readonly stored: number;
  /** Of which both sizes are the same. */
  readonly either: number;
}

/** What validating found. */
export interface ValidationReport {
  readonly format: string;
  readonly images: number;
  readonly annotations: number;
  /** The first problems, up to the limit. */
  readonly problems: readonly Problem[];
  /** All problems, counted by kind. */
  readonly counts: Readonly<Partial<Record<ProblemCode, number>>>;
  /** The sum of `counts`; 0 for a sound data set. */
  readonly problemCount: number;
  /** Images that EXIF turns, by what their sizes are of; absent where there is none. No problems. */
  readonly turnedImages?: TurnedImages;
}

/** Collects problems. After a million it throws, so that a file of nothing else doesn't take hours. */
export interface ProblemList {
  /** Notes what a reader leaves out, each kind once with how often: it is for `ReadTakers`. */
  readonly onLoss: OnReadLoss;
  note(problem: Problem): void;
  /** Notes an image that EXIF turns, with what its size is of. */
  noteFrame(frame: keyof TurnedImages): void;
  /** Notes what a reader threw; an error that is no fault of the data set is thrown on. */
  noteError(error: unknown, place: Omit<Problem, "code" | "message">, code?: ProblemCode): void;
  /** Notes what ended the validation: an error as above, or that there were too many problems. */
  noteEnd(error: unknown, place: Pick<Problem, "file">): void;
  report(totals: Pick<ValidationReport, "format" | "images" | "annotations">): ValidationReport;
}

/** No one reads that many; each costs time and the list of them may be endless. */
const stopAfter = 1_000_000;

/** Begins a list that keeps the first `limit` problems and counts them all. */
export function createProblemList(limit: number): ProblemList {
  const problems: Problem[] = [];
  const counts: Partial<Record<ProblemCode, number>> = {};
  let problemCount = 0;
  const tooMany = new DatasetError(
    "dataset-invalid",
    `There are more than ${stopAfter} problems; the rest was not looked at.`,
  );
  const add = (problem: Problem): void => {
    counts[problem.code] = (counts[problem.code] ?? 0) + 1;
    problemCount++;
    if (problems.length < limit) problems.push(problem);
  };
  const note = (problem: Problem): void => {
    if (problemCount >= stopAfter) throw tooMany;
    add(problem);
  };
  const noteError: ProblemList["noteError"] = (error, place, code) => {
    if (error === tooMany) throw error;
    const own = ownError(error, place.record === undefined ? place.file : `${place.file}: ${place.record}`);
    const ownCode = codeOf(own);
    if (!ownCode) throw own;
    note({ ...place, code: ownCode === "field-invalid" && code ? code : ownCode, message: own.message });
  };
  const losses = createReadLossCounter();
  const turned = { seen: 0, stored: 0, either: 0 };
  return {
    onLoss: losses.onLoss,
    note,
    noteFrame: (frame) => void turned[frame]++,
    noteError,
    noteEnd(error, place) {
      if (error === tooMany) add({ ...place, code: "dataset-invalid", message: tooMany.message });
      else noteError(error, place);
    },
    report(totals) {
      for (const { what, count, places } of losses.list()) {
        const message = `Not read: ${count} x ${what}, such as ${places.slice(0, 3).join("; ")}.`;
        add({ code: "not-read", file: places[0]!, message });
      }
      const hasTurned = turned.seen + turned.stored + turned.either > 0;
      return { ...totals, problems, counts, problemCount, ...(hasTurned && { turnedImages: turned }) };
    },
  };
}

/** The kind of problem behind a reader's error; `undefined` where it is no fault of the data set. */
function codeOf({ code }: DatasetError): ProblemCode | undefined {
  switch (code) {
    case "annotation-invalid":
      return "field-invalid";
    case "dataset-invalid":
    case "json-invalid":
    case "name-unsafe":
    case "tar-invalid":
    case "text-invalid":
      return code;
    case "dataset-too-large":
      return "too-large";
    case "file-unreadable":
    case "image-missing":
      return "image-unreadable";
    case "aborted":
    case "dataset-not-found":
    case "file-unwritable":
    case "format-unknown":
    case "option-invalid":
    case "output-exists":
      return undefined;
  }
}
