import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { findForeignFile, writeNotedFiles } from "@segany/runtime/files";
import { EvaluationError } from "../errors.js";
import { toHtmlPage } from "./html-page.js";
import { type EvaluationResult, toDetailsJson } from "./report.js";
import { formatTable } from "./table.js";

/** The files of a report, in its folder. */
export const REPORT_FILES = {
  report: "report.json",
  details: "details.json",
  table: "report.txt",
  page: "report.html",
} as const;

/** How a report takes its folder. */
export interface ReportOptions {
  /** Replace files of the report's names that no evaluation wrote, or that were changed since. */
  readonly overwrite?: boolean | undefined;
}

/**
 * Checks that a report could be written to a folder, before the work of hours; nothing is made yet.
 *
 * @throws EvaluationError `report-unwritable`, `output-exists`
 */
export async function checkReportFolder(folder: string, options: ReportOptions = {}): Promise<void> {
  try {
    const nearest = await nearestExisting(resolve(folder));
    if (!(await stat(nearest)).isDirectory()) throw new Error(`"${nearest}" is a file.`);
    await access(nearest, constants.W_OK);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  await refuseForeign(folder, options);
}

async function refuseForeign(folder: string, { overwrite = false }: ReportOptions): Promise<void> {
  const foreign = overwrite ? undefined : await findForeignFile(folder, Object.values(REPORT_FILES));
  if (foreign === undefined) return;
  throw new EvaluationError(
    "output-exists",
    `"${foreign}" is there, and no evaluation wrote it as it is. Choose another folder, or overwrite it (--overwrite).`,
  );
}

/** The path itself, or the nearest folder above it that is there. */
async function nearestExisting(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
  );
  return isThere || path === dirname(path) ? path : nearestExisting(dirname(path));
}

function unwritable(folder: string, cause: unknown): EvaluationError {
  return new EvaluationError(
    "report-unwritable",
    `The report can't be written to "${folder}": ${(cause as Error).message} Name another folder.`,
    { cause },
  );
}

/**
 * Writes a result: `report.json`, `details.json`, `report.txt` and `report.html`; each whole or not at all. A
 * note beside them (`.segany-files.json`) tells later evaluations that they may replace them.
 *
 * @throws EvaluationError `report-unwritable`, `output-exists`
 *
 * @example
 * import { readdir } from "node:fs/promises";
 * import { convert } from "@segany/dataset";
 *
 * await convert(dataset, "coco", "report-a");
 * await convert(dataset, "coco", "report-b");
 * const datasets = [{ path: "report-a" }, { path: "report-b" }];
 * await writeReport(await evaluate("agreement", { datasets }), "report");
 * const files = (await readdir("report")).filter((name) => name.startsWith("report."));
 * console.log(files.sort().join()); // report.html,report.json,report.txt
 */
export async function writeReport(
  result: EvaluationResult,
  folder: string,
  options: ReportOptions = {},
): Promise<void> {
  const files = {
    [REPORT_FILES.details]: `${JSON.stringify(toDetailsJson(result))}\n`,
    [REPORT_FILES.table]: formatTable(result),
    [REPORT_FILES.page]: await toHtmlPage(result),
    [REPORT_FILES.report]: `${JSON.stringify(result.report, null, 2)}\n`,
  };
  await refuseForeign(folder, options);
  try {
    await writeNotedFiles(folder, files);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}
