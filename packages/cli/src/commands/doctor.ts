import { cacheDirectory } from "@segany/runtime/files";
import { measureSpeed } from "@segany/sam";
import { Command } from "commander";
import { speedTable } from "../bench/speed-table.js";
import { errorLine } from "../cli-error.js";
import { diagnose } from "../doctor/diagnose.js";
import { findingLines } from "../doctor/finding-lines.js";
import { interruption } from "../interruption.js";
import { printJson, printLine, printText } from "../terminal/print.js";

/** `segany doctor`: checks the requirements of segany, and the speed of this machine. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .summary("check this machine: runtime, devices, weights, cache, speed")
    .description(
      "Reports what segany finds on this machine and measures it for ten seconds. Exit status 1 if a requirement is missing.",
    )
    .option("--no-measure", "skip the measurement")
    .option("--json", "print one JSON object on standard output")
    .action(run);
}

async function run({ measure, json }: { readonly measure: boolean; readonly json?: boolean }): Promise<void> {
  const findings = await diagnose();
  if (!json) for (const line of findingLines(findings)) printLine(line);
  const { speed, problem } = measure ? await tryMeasuring() : {};
  const problems = [...findings.problems, ...(problem ? [problem] : [])];
  if (json) printJson({ ...findings, problems, ...(speed && { speed }) });
  else {
    if (speed) printText(`\n${speedTable(speed)}`);
    printLine("");
    for (const line of problems.length === 0 ? ["All requirements are met."] : problems) printLine(line);
  }
  if (problems.length > 0) process.exitCode = 1;
}

async function tryMeasuring() {
  try {
    const speed = await measureSpeed({ cacheDirectory: cacheDirectory() }, { signal: interruption });
    return { speed };
  } catch (error) {
    if (interruption.aborted) throw error;
    return { problem: `The measurement failed: ${errorLine(error)}` };
  }
}
