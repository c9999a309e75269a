import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkWritableFolder, makeFolder } from "@segany/runtime/files";
import { exportOnnx } from "@segany/sam";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { printLine } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";

const EXAMPLES = `
Examples:
  segany export --output onnx
  segany export --output onnx --model vit_b --return-single-mask

encoder.onnx: image [1, 3, S, S], normalised and padded → image_embeddings.
decoder.onnx: inputs and outputs of Meta's scripts/export_onnx_model.py. Standard operators of opset 17 only.`;

interface ExportCommandOptions {
  readonly model?: string;
  readonly checkpoint?: string;
  readonly lora?: string;
  readonly ignoreUnused?: boolean;
  readonly output: string;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
  readonly returnSingleMask?: boolean;
  readonly useStabilityScore?: boolean;
  readonly returnExtraMetrics?: boolean;
  readonly geluApproximate?: boolean;
  readonly dynamicBatch?: boolean;
}

/** `segany export`: writes the model as two ONNX files for other runtimes. */
export function exportCommand(): Command {
  return new Command("export")
    .summary("write the model as ONNX files")
    .description("Writes encoder.onnx and decoder.onnx.")
    .requiredOption("-o, --output <folder>", "output folder")
    .option("-m, --model <name>", "model: mobile_sam, vit_b, vit_l, vit_h")
    .option(
      "-c, --checkpoint <file>",
      "weights: .pth, .pt or .safetensors, the index of several files, or their folder",
    )
    .option("--lora <file>", "low-rank adapters to merge into the weights")
    .option("--ignore-unused", "accept a checkpoint with weights that its model does not use")
    .option("--return-single-mask", "decoder: return one mask, the best for the number of points")
    .option("--use-stability-score", "decoder: return stability scores instead of predicted IoU")
    .option("--return-extra-metrics", "decoder: also return stability scores and areas")
    .option("--gelu-approximate", "decoder: compute GELU by its tanh formula, for runtimes without erf")
    .option("--dynamic-batch", "decoder: take any number of prompts at once, each with as many points")
    .option("--overwrite", "replace existing files")
    .option("-q, --quiet", "print only errors, no progress")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

/** Names that exports of others have, too. */
const NAMES = ["encoder.onnx", "encoder.onnx_data", "decoder.onnx"];

async function run({ output, quiet, overwrite, ...options }: ExportCommandOptions): Promise<void> {
  const there = NAMES.map((name) => join(output, name)).find((path) => existsSync(path));
  if (there && !overwrite)
    throw new UsageError(`${there} exists. Choose another --output folder, or use --overwrite.`);
  await checkWritableFolder(output);
  const progress = createProgress({ quiet });
  progress.begin("Writing ONNX files", 1);
  await makeFolder(output);
  const paths = await exportOnnx(output, { ...options, signal: interruption });
  progress.end();
  for (const path of paths) printLine(path);
}
