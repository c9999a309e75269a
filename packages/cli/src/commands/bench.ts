import { cacheDirectory } from "@segany/runtime/files";
import { type ColdReport, measureCold, measureSpeed, profileModel } from "@segany/sam";
import { Command } from "commander";
import { printProfiles, writeProfilePictures } from "../bench/profile-report.js";
import { coldLine, speedTable } from "../bench/speed-table.js";
import { interruption } from "../interruption.js";
import { addModelOptions, type ModelOptions, selectedModel } from "../model-options.js";
import { parseCount } from "../numbers.js";
import { printJson, printText } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";

const EXAMPLES = `
Examples:
  segany bench
  segany bench --model vit_b --checkpoint sam_vit_b_01ec64.pth --precision int8
  segany bench --cold
  segany bench --profile --output profile

Times are medians of rounds, interleaved with a float32 matrix product (4096x768 by 768x3072) that measures the
processor's speed; "share" is a step's speed relative to it. --profile adds the time of each operator and writes an
SVG chart of each graph.`;

interface BenchOptions extends ModelOptions {
  readonly seconds: number;
  readonly profile?: boolean;
  readonly cold?: boolean;
  readonly output: string;
  readonly json?: boolean;
}

/** `segany bench`: measures a model's speed on this machine, and where its time goes. */
export function benchCommand(): Command {
  const command = new Command("bench")
    .summary("measure a model's speed on this machine")
    .description(
      "Measures image encoder, preparation, batched decoder and a single click relative to a matrix product.",
    )
    .option("--seconds <n>", "how long to measure", parseCount, 30)
    .option("--cold", "also measure the first image of five fresh processes")
    .option("--profile", "also measure the time by operator and by node")
    .option("-o, --output <folder>", "folder for the charts of --profile", "outputs")
    .option("--json", "print one JSON object on standard output")
    .action(run);
  return addModelOptions(command).addHelpText("after", EXAMPLES);
}

async function run(options: BenchOptions): Promise<void> {
  const { quiet, json, seconds } = options;
  const spec = { cacheDirectory: cacheDirectory(), ...selectedModel(options) };
  const progress = createProgress({ quiet: quiet || json });
  progress.begin("Measuring", 1000 * seconds);
  const speed = await measureSpeed(spec, {
    budgetMs: 1000 * seconds,
    signal: interruption,
    onProgress: (elapsedMs, budgetMs) => progress.update(Math.min(elapsedMs, budgetMs)),
  });
  const cold = options.cold ? await measureFirstImages(spec, progress) : undefined;
  progress.end();
  if (!json) printText([speedTable(speed), ...(cold ? [coldLine(cold)] : [])].join("\n"));
  const profiles = options.profile ? await profileModel(spec, { signal: interruption }) : [];
  const pictures = await writeProfilePictures(options.output, profiles);
  if (json) printJson({ ...speed, ...(cold && { cold }), ...(options.profile && { profiles, pictures }) });
  else printProfiles(profiles, pictures);
}

function measureFirstImages(
  spec: Parameters<typeof measureCold>[0],
  progress: Progress,
): Promise<ColdReport> {
  progress.begin("First images", 5);
  return measureCold(spec, { signal: interruption, onProgress: (done) => progress.update(done) });
}
