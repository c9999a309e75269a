import {
  type Dataset,
  type DatasetFormat,
  datasetFormats,
  findFormat,
  openDataset,
  type RenamedFile,
  readableFormats,
  type WriteReport,
} from "@segany/dataset";
import { type Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { parseCount } from "../numbers.js";
import { printJson } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import type { SetAside } from "./set-aside.js";

/** Options of all commands that read a data set. */
export interface ReadArguments {
  readonly from?: string;
  readonly imageFolder?: string;
  readonly encoding?: string;
  readonly strict?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Options of all commands that write a data set. */
export interface WriteArguments extends ReadArguments {
  readonly to?: string;
  readonly images: boolean;
  readonly resume?: boolean;
  readonly shardSize?: number;
  readonly allowMissing?: boolean;
}

function formatNames(): string[] {
  return datasetFormats.map(({ name }) => name);
}

function readableNames(): string[] {
  return readableFormats.map(({ name }) => name);
}

/** The list of formats for help, one per line. */
export function formatList(): string {
  const width = Math.max(...readableNames().map((name) => name.length)) + 2;
  const written = new Set(formatNames());
  const line = ({ name, title }: (typeof readableFormats)[number]) =>
    `  ${name.padEnd(width)}${title}${written.has(name) ? "" : " (read only)"}`;
  return readableFormats.map(line).join("\n");
}

/** Adds the options for reading a data set. */
export function addReadOptions(command: Command): Command {
  return command
    .addOption(new Option("--from <format>", "input format (default: detected)").choices(readableNames()))
    .option(
      "--image-folder <folder>",
      "folder of the input's image files, if not at the format's usual place",
    )
    .option("--encoding <name>", "encoding of the input's texts, such as gb18030 (default: UTF-8)")
    .option("--json", "print one JSON object on standard output")
    .option("-q, --quiet", "print only errors, no progress");
}

/** Adds the options for reading, for commands that skip what can't be used. */
export function addInputOptions(command: Command): Command {
  return addReadOptions(command).option(
    "--strict",
    "fail at the first record that can't be used, instead of skipping it",
  );
}

/** Adds the options for writing a data set. */
export function addWriteOptions(command: Command): Command {
  return addInputOptions(
    command
      .addOption(
        new Option("-t, --to <format>", "output format (default: that of the input)").choices(formatNames()),
      )
      .option("--no-images", "write masks only, no image files")
      .option("--allow-missing", "exit with status 0 although image files are missing")
      .option("--resume", "continue an unfinished output")
      .option(
        "--shard-size <megabytes>",
        "sa1b: tar shards of at most this size (default: a folder of files)",
        parseCount,
      ),
  );
}

/**
 * Opens the input of a command. What can't be used is skipped in every pass, and what is left out is counted.
 */
export async function openInput(
  path: string,
  { from, imageFolder, encoding }: ReadArguments,
  setAside: SetAside,
): Promise<Dataset> {
  const { onProblem } = setAside;
  const dataset = await openDataset(path, {
    format: from,
    images: imageFolder,
    encoding,
    signal: interruption,
    onProblem,
    onLoss: setAside.beginPass(),
  });
  return {
    ...dataset,
    records: (options) => dataset.records({ ...options, onProblem, onLoss: setAside.beginPass(path) }),
  };
}

/** Shows the progress of a pass over a data set, as a bar if the number of images is known. */
export function passProgress(
  progress: Progress,
  label: string,
): (now: { readonly images: number; readonly annotations: number; readonly totalImages?: number }) => void {
  let begun = false;
  return ({ images, annotations, totalImages }) => {
    if (!begun) progress.begin(label, totalImages);
    begun = true;
    progress.update(images, `${images} images, ${annotations} annotations`);
  };
}

/** Writes a data set and reports what the format can't represent. */
export async function writeOutput(
  dataset: Dataset,
  path: string,
  { to, images, resume, shardSize, quiet, json, allowMissing = false }: WriteArguments,
  { onProblem }: SetAside,
): Promise<WriteReport> {
  const progress = createProgress({ quiet: quiet || json });
  const format = outputFormat({ to }, dataset);
  if (shardSize !== undefined && format.name !== "sa1b")
    throw new UsageError(
      `--shard-size is for sa1b; ${format.name} has no shards. Leave it out, or use --to sa1b.`,
    );
  const options = {
    signal: interruption,
    onProgress: passProgress(progress, `Writing ${format.name}`),
    images: images ? "copy" : "none",
    resume,
    onProblem,
    ...(shardSize !== undefined && { shardSizeBytes: shardSize * 1e6 }),
  } as const;
  const report = await format.write(dataset, path, options);
  progress.end(summaryOf(report, path));
  for (const { what, count } of report.losses)
    progress.note(`  not representable in ${format.name}: ${what} (${count})`);
  if (report.losses.some(({ feature }) => feature === "bareBoxes"))
    progress.note("  masks of boxes are made with: segany dataset masks-from-boxes SET WITH-MASKS");
  noteRenamed(progress, report.renamed);
  if (!allowMissing) noteMissing(progress, report.missingImages);
  return report;
}

/** Number of printed names; `--json` has more. */
const RENAMED_PRINTED = 5;

/** Reports image files with other names in the output. */
export function noteRenamed(progress: Progress, renamed: readonly RenamedFile[] = []): void {
  for (const { from, to } of renamed.slice(0, RENAMED_PRINTED))
    progress.note(`  "${from}" is written as "${to}"`);
}

/** Number of printed names of missing files; `--json` has more. */
const MISSING_PRINTED = 5;

/** Reports image files that are not there, which is a failure unless it is allowed. */
function noteMissing(progress: Progress, { count, names }: WriteReport["missingImages"]): void {
  if (count === 0) return;
  process.exitCode = 1;
  const shown = names.slice(0, MISSING_PRINTED).map((name) => `"${name}"`);
  const more = count > shown.length ? ", …" : "";
  progress.note(
    `  missing: ${count} image ${count === 1 ? "file" : "files"}, ${shown.join(", ")}${more}; name their folder with --image-folder, or accept it with --allow-missing or --no-images`,
  );
}

/**
 * The output format: by default that of the input, and COCO where that is not written or none, such as of
 * merged sets.
 */
export function outputFormat(
  { to }: { readonly to?: string | undefined },
  { format }: Dataset,
): DatasetFormat {
  return findFormat(to ?? (formatNames().includes(format) ? format : "coco"));
}

function summaryOf({ images, annotations, imageFiles, keptFiles }: WriteReport, path: string): string {
  const kept = keptFiles > 0 ? `, ${keptFiles} files kept` : "";
  return `${images} images with ${annotations} annotations, ${imageFiles} image files${kept} → ${path}`;
}

/** Prints a command's result, as JSON if requested, and what was skipped. */
export function printResult({ json }: ReadArguments, result: object, setAside: SetAside): void {
  const messages = setAside.messages();
  const notRead = setAside.losses();
  const skipped = {
    ...(messages.length > 0 && { setAside: messages }),
    ...(notRead.length > 0 && { notRead }),
  };
  if (json) printJson({ ...result, ...skipped });
  else setAside.tell();
}
