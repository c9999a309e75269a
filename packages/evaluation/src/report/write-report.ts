import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@segany/sam";
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
 * Writes a result: `report.json`, `details.json`, `report.txt` and `report.html`; each whole or not at all.
 *
 * @throws EvaluationError `report-unwritable`
 */
export async function writeReport(result: EvaluationResult, folder: string): Promise<void> {
  const page = await toHtmlPage(result);
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(join(folder, REPORT_FILES.details), `${JSON.stringify(toDetailsJson(result))}\n`);
    await writeFileAtomic(join(folder, REPORT_FILES.table), formatTable(result));
    await writeFileAtomic(join(folder, REPORT_FILES.page), page);
    await writeFileAtomic(join(folder, REPORT_FILES.report), `${JSON.stringify(result.report, null, 2)}\n`);
  } catch (cause) {
    throw new EvaluationError(
      "report-unwritable",
      `The report can't be written to "${folder}": ${(cause as Error).message} Name another folder.`,
      { cause },
    );
  }
}
