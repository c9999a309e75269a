import {
  type Dataset,
  datasetFormats,
  findFormat,
  openDataset,
  type RenamedFile,
  type WriteReport,
} from "@segany/dataset";
import { type Command, Option } from "commander";
import { interruption } from "../interruption.js";
import { parseCount } from "../numbers.js";
import { printJson } from "../terminal/print.js";
import { createProgress, type Progress } from "../terminal/progress.js";
import type { SetAside } from "./set-aside.js";

/** Options of all commands that read a data set. */
export interface ReadArguments {
  readonly from?: string;
  readonly imageFolder?: string;
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
}

function formatNames(): string[] {
  return datasetFormats.map(({ name }) => name);
}

/** The formats with a line each, for help. */
export function formatList(): string {
  const width = Math.max(...formatNames().map((name) => name.length)) + 2;
  return datasetFormats.map(({ name, title }) => `  ${name.padEnd(width)}${title}`).join("\n");
}

/** Adds how to read a data set. */
export function addReadOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--from <format>", "the input's format; found out when not given").choices(formatNames()),
    )
    .option("--image-folder <folder>", "the input's image files, where they aren't at the format's own place")
    .option("--json", "one JSON object on standard output")
    .option("-q, --quiet", "no progress, only errors");
}

/** The same for commands that go on without what can't be used. */
export function addInputOptions(command: Command): Command {
  return addReadOptions(command).option(
    "--strict",
    "end at the first record that can't be used, instead of setting it aside",
  );
}

/** Adds how to write one. */
export function addWriteOptions(command: Command): Command {
  return addInputOptions(
    command
      .addOption(
        new Option("-t, --to <format>", "the output's format; the input's when not given").choices(
          formatNames(),
        ),
      )
      .option("--no-images", "write masks alone, no image files")
      .option("--resume", "go on with an output that was begun before")
      .option(
        "--shard-size <megabytes>",
        "sa1b: tar shards of at most this size (default: a folder of files)",
        parseCount,
      ),
  );
}

/** Opens the input of a command. What can't be used of it is set aside in every pass. */
export async function openInput(
  path: string,
  { from, imageFolder }: ReadArguments,
  { onProblem }: SetAside,
): Promise<Dataset> {
  const dataset = await openDataset(path, {
    format: from,
    images: imageFolder,
    signal: interruption,
    onProblem,
  });
  return { ...dataset, records: (options) => dataset.records({ onProblem, ...options }) };
}

/** Progress of a pass over a data set as a callback, with a bar where the number of images is known. */
export function passProgress(
  progress: Progress,
  label: string,
): (now: { readonly images: number; readonly annotations: number; readonly totalImages?: number }) => void {
  let begun = false;
  return ({ images, annotations, totalImages }) => {
    if (!begun) progress.begin(label, totalImages);
    begun = true;
    progress.update(images, `${images} images, ${annotations} masks`);
  };
}

/** Writes a data set as asked for and says what was lost. */
export async function writeOutput(
  dataset: Dataset,
  path: string,
  { to, images, resume, shardSize, quiet, json }: WriteArguments,
  { onProblem }: SetAside,
): Promise<WriteReport> {
  const progress = createProgress({ quiet: quiet || json });
  const format = findFormat(to ?? defaultFormat(dataset));
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
    progress.note(`  not held by ${format.name}: ${what} (${count})`);
  noteRenamed(progress, report.renamed);
  return report;
}

/** As many are printed; `--json` has more. */
const RENAMED_PRINTED = 5;

/** Says which image files have other names in the output. */
export function noteRenamed(progress: Progress, renamed: readonly RenamedFile[] = []): void {
  for (const { from, to } of renamed.slice(0, RENAMED_PRINTED))
    progress.note(`  "${from}" is written as "${to}"`);
}

/** What was read and isn't a file's format, such as several sets that were merged, becomes COCO. */
function defaultFormat({ format }: Dataset): string {
  return formatNames().includes(format) ? format : "coco";
}

function summaryOf({ images, annotations, imageFiles, keptFiles }: WriteReport, path: string): string {
  const kept = keptFiles > 0 ? `, ${keptFiles} files kept` : "";
  return `${images} images with ${annotations} masks, ${imageFiles} image files${kept} → ${path}`;
}

/** Prints a command's result where JSON was asked for, and says what was set aside. */
export function printResult({ json }: ReadArguments, result: object, setAside: SetAside): void {
  const messages = setAside.messages();
  if (json) printJson(messages.length > 0 ? { ...result, setAside: messages } : result);
  else setAside.tell();
}
