import { join } from "node:path";
import {
  type DatasetSource,
  type EvaluationProgress,
  evaluate,
  formatTable,
  type ProtocolName,
  type ProtocolSettings,
  REPORT_FILES,
} from "@segany/evaluation";
import { interruption } from "../interruption.js";
import { applyVerbose, selectedModel } from "../model-options.js";
import { printNote, printText } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import { createTimeEstimate } from "../time-estimate.js";
import { commonSettings, type EvalOptions } from "./options.js";

/** Runs a protocol with progress on standard error, writes the report and prints its table. */
export async function runProtocol<Name extends ProtocolName>(
  name: Name,
  datasets: readonly DatasetSource[],
  options: EvalOptions,
  settings: Partial<ProtocolSettings[Name]>,
): Promise<void> {
  applyVerbose(options);
  const progress = createProgress({ quiet: options.quiet });
  const { output, overwrite, strict } = options;
  const skipped: string[] = [];
  try {
    const result = await evaluate(name, {
      datasets,
      model: selectedModel(options),
      settings: { ...commonSettings(options), ...settings } as Partial<ProtocolSettings[Name]>,
      output,
      overwrite,
      signal: interruption,
      onProblem: strict ? undefined : ({ message }) => void skipped.push(message),
      onProgress: showProgress(progress),
    });
    progress.end(`${result.report.seconds.toFixed(1)} s → ${join(output, REPORT_FILES.page)}`);
    printText(formatTable(result));
    for (const line of skippedLines(skipped)) printNote(line);
  } catch (error) {
    progress.end();
    throw error;
  }
}

/** Number of printed problems. */
const PRINTED = 5;

function skippedLines(problems: readonly string[]): string[] {
  const lines = problems.slice(0, PRINTED).map((problem) => `  skipped: ${problem}`);
  return problems.length > PRINTED ? [...lines, `  skipped: ${problems.length - PRINTED} more`] : lines;
}

/** Shows a bar per data set, and the estimated time for all. */
function showProgress(progress: Progress): (at: EvaluationProgress) => void {
  const remainingTime = createTimeEstimate();
  let set = -1;
  return ({ set: name, setIndex, setCount, imagesDone, imagesTotal, share }) => {
    if (setIndex !== set) {
      set = setIndex;
      progress.begin(`[${setIndex + 1}/${setCount}] ${name}`, imagesTotal);
    }
    const images = `${Math.floor(imagesDone)} of ${imagesTotal ?? "?"} images`;
    const left = share === undefined ? undefined : remainingTime(share);
    progress.update(imagesDone, left === undefined ? images : `${images}, ${left}`);
  };
}
