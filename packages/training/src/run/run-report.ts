/** `report.html` of a run's folder. What draws it is loaded when it is first written. */
import { join } from "node:path";
import { writeFileAtomic } from "@segany/runtime/files";
import type { TrainableModel } from "@segany/sam/training";
import type { TrainSettings } from "../loop/settings.js";
import { readMetrics } from "../metrics/metrics-file.js";
import type { CompareOptions } from "../report/compare-models.js";
import type { RunPage } from "../report/run-page.js";
import type { RunNotes } from "./run-state.js";
import type { TrainSamOptions } from "./train-options.js";

/** What the page tells beside the metrics and the comparison. */
export type RunSummary = Omit<RunPage, "metrics" | "comparison">;

/** What a run tells of itself. */
export function summaryOf(
  { data, validation = [] }: Pick<TrainSamOptions, "data" | "validation">,
  settings: TrainSettings,
  { model }: TrainableModel,
  { before, best }: Pick<RunNotes, "before" | "best">,
): RunSummary {
  const images = { training: data.length, validation: validation.length };
  return { model: model.name, settings, images, before, best };
}

/** Writes the page, in place of the last one; with options, after comparing the models. */
export async function writeRunReport(
  folder: string,
  summary: RunSummary,
  compare?: CompareOptions,
): Promise<string> {
  const { runPage } = await import("../report/run-page.js");
  const metrics = await readMetrics(folder);
  const { compareModels } = await import("../report/compare-models.js");
  const comparison = compare && (await compareModels(compare));
  const path = join(folder, "report.html");
  await writeFileAtomic(path, await runPage({ ...summary, metrics, ...(comparison && { comparison }) }));
  return path;
}
