import { join } from "node:path";
import {
  type DatasetSource,
  EvaluationError,
  type EvaluationProgress,
  evaluate,
  formatTable,
  type ProtocolName,
  type ProtocolSettings,
  REPORT_FILES,
} from "@segany/evaluation";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { createProgress, type Progress } from "../progress.js";
import { commonSettings, type EvalOptions } from "./options.js";

/** Runs a protocol with progress on standard error, writes the report and prints its table. */
export async function runProtocol<Name extends ProtocolName>(
  name: Name,
  datasets: readonly DatasetSource[],
  options: EvalOptions,
  settings: Partial<ProtocolSettings[Name]>,
): Promise<void> {
  const progress = createProgress({ quiet: options.quiet });
  const { model, modelType, checkpoint, device, threads, precision, output } = options;
  try {
    const result = await evaluate(name, {
      datasets,
      model: {
        name: model ?? modelType,
        ...(checkpoint && { checkpoint }),
        ...(device && { device }),
        ...(threads && { threads }),
        ...(precision && { precision }),
      },
      settings: { ...commonSettings(options), ...settings } as Partial<ProtocolSettings[Name]>,
      output,
      signal: interruption,
      onProgress: showProgress(progress),
    });
    progress.end(`${result.report.seconds.toFixed(1)} s → ${join(output, REPORT_FILES.page)}`);
    process.stdout.write(formatTable(result));
  } catch (error) {
    progress.end();
    if (error instanceof EvaluationError && error.code === "option-invalid") {
      throw new UsageError(error.message, { cause: error });
    }
    throw error;
  }
}

/** A bar a data set. */
function showProgress(progress: Progress): (at: EvaluationProgress) => void {
  let set = -1;
  return ({ set: name, setIndex, setCount, imagesDone, imagesTotal }) => {
    if (setIndex !== set) {
      set = setIndex;
      progress.begin(`[${setIndex + 1}/${setCount}] ${name}`, imagesTotal ?? imagesDone);
    }
    progress.update(imagesDone, `${imagesDone} of ${imagesTotal ?? "?"} images`);
  };
}
