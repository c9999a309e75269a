/**
 * What becomes of errors of one record: named as this package's, and where somebody takes them, not the end
 * of the pass.
 */
import { SamError } from "@segany/masks";
import { DatasetError, type DatasetErrorCode, type OnProblem } from "./errors.js";

export type { OnProblem } from "./errors.js";

/**
 * Codes that tell of one record; the others, such as a cancellation or a full disk, concern the whole pass.
 */
const OF_A_RECORD: ReadonlySet<DatasetErrorCode> = new Set<DatasetErrorCode>([
  "annotation-invalid",
  "dataset-invalid",
  "dataset-too-large",
  "file-unreadable",
  "image-missing",
  "json-invalid",
  "name-unsafe",
  "text-invalid",
]);

/**
 * Gives what was thrown for a record to who takes it.
 *
 * @param where file and record, for errors that don't name them
 * @throws DatasetError the error, where nobody takes it or it is of more than this record
 */
export function setAside(error: unknown, where: string, onProblem: OnProblem | undefined): undefined {
  const problem = ownError(error, where);
  if (!onProblem || !OF_A_RECORD.has(problem.code)) throw problem;
  onProblem(problem);
}

/**
 * Parses the entries of a list, and leaves out those with which something is wrong.
 *
 * @param whereOf what to call an entry in an error message
 * @param onProblem takes what is wrong with an entry; without it, the first such error is thrown
 * @throws DatasetError
 *
 * @example
 * const raw = [{ id: 3, name: "pear" }, { id: 4 }];
 * const problems: string[] = [];
 * const onProblem = ({ message }: DatasetError) => void problems.push(message);
 * const list = parseEach(raw, (i) => `category ${i}`, parseCocoCategory, onProblem);
 * console.log(list.length, problems.length); // 1 1
 */
export function parseEach<T, Parsed>(
  entries: Iterable<T>,
  whereOf: (index: number) => string,
  parse: (entry: T, where: string, index: number) => Parsed,
  onProblem: OnProblem | undefined,
): Parsed[] {
  const parsed: Parsed[] = [];
  let index = 0;
  for (const entry of entries) {
    const where = whereOf(index);
    try {
      parsed.push(parse(entry, where, index));
    } catch (error) {
      setAside(error, where, onProblem);
    }
    index++;
  }
  return parsed;
}

/**
 * Whatever was thrown, by our libraries, those of others or the system, as an error that names the record.
 */
export function ownError(error: unknown, where: string): DatasetError {
  if (error instanceof DatasetError) return error;
  const message = error instanceof Error ? error.message.split("\n", 1)[0] : "an unknown error";
  const named = message?.includes(where) ? message : `${where} can't be used: ${message}`;
  return new DatasetError(codeOf(error), named, { cause: error });
}

function codeOf(error: unknown): DatasetErrorCode {
  if (!(error instanceof SamError)) return "dataset-invalid";
  if (error.code === "aborted") return "aborted";
  return /^(file|image)-/.test(error.code) ? "file-unreadable" : "annotation-invalid";
}
