import { access, constants, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder, writeFileAtomic } from "@segany/runtime/files";
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

/**
 * Looks whether a report could be written to a folder, before the work of hours; nothing is made yet.
 *
 * @throws EvaluationError `report-unwritable`
 */
export async function checkReportFolder(folder: string): Promise<void> {
  try {
    const nearest = await nearestExisting(resolve(folder));
    if (!(await stat(nearest)).isDirectory()) throw new Error(`"${nearest}" is a file.`);
    await access(nearest, constants.W_OK);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
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
 * Writes a result: `report.json`, `details.json`, `report.txt` and `report.html`; each whole or not at all.
 *
 * @throws EvaluationError `report-unwritable`
 */
export async function writeReport(result: EvaluationResult, folder: string): Promise<void> {
  const page = await toHtmlPage(result);
  try {
    await makeFolder(folder);
    await writeFileAtomic(join(folder, REPORT_FILES.details), `${JSON.stringify(toDetailsJson(result))}\n`);
    await writeFileAtomic(join(folder, REPORT_FILES.table), formatTable(result));
    await writeFileAtomic(join(folder, REPORT_FILES.page), page);
    await writeFileAtomic(join(folder, REPORT_FILES.report), `${JSON.stringify(result.report, null, 2)}\n`);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}
