/** Commands that select or change records of data sets. */
import { join } from "node:path";
import {
  clearCrowds,
  type FilterOptions,
  filterDataset,
  mergeDatasets,
  relabelIds,
  remapCategories,
  sampleDataset,
  splitDataset,
} from "@segany/dataset";
import { Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import { interruption } from "../interruption.js";
import { parseCount, parseNumber } from "../numbers.js";
import { type Grouping, parseGrouping } from "./grouping.js";
import { addPair, addText, parseRatios } from "./pairs.js";
import { createSetAside } from "./set-aside.js";
import {
  addWriteOptions,
  openInput,
  outputFormat,
  printResult,
  type WriteArguments,
  writeOutput,
} from "./shared-options.js";

/** `segany dataset split` */
export function splitCommand(): Command {
  const command = new Command("split")
    .summary("split by images at random")
    .description("Splits a data set by images at random into folders of the output, one per part.")
    .argument("<input>", "data set")
    .argument("<output>", "folder for the parts")
    .addOption(
      new Option("--ratio <name=share,...>", "parts and their shares of the images")
        .argParser(parseRatios)
        .default({ train: 0.8, val: 0.2 }, "train=0.8,val=0.2"),
    )
    .option("--seed <number>", "seed of the random split", parseCount, 0)
    .option("--stratify", "distribute every class evenly among the parts")
    .addOption(
      new Option(
        "--group-by <pattern or field>",
        "keep images together that have the same text in place of the pattern's first *, or the same value of a field",
      ).argParser(parseGrouping),
    )
    .action(split);
  return addWriteOptions(command).addHelpText(
    "after",
    `
Examples:
  segany dataset split coco parts
  segany dataset split coco parts --ratio train=8,val=1,test=1 --seed 7 --stratify --to yolo
  segany dataset split roboflow parts --group-by '*.rf.*'        (all copies of an image in one part)
  segany dataset split slides parts --group-by 'patient-*_*'
  segany dataset split coco parts --group-by video_id            (a field of the file's images)

A pattern with a / is compared with the path of an image, others with the last part of it. Images that a
pattern doesn't fit, or that don't have the field, are on their own.`,
  );
}

interface SplitArguments extends WriteArguments {
  readonly ratio: Record<string, number>;
  readonly seed: number;
  readonly stratify?: boolean;
  readonly groupBy?: Grouping;
}

async function split(input: string, output: string, options: SplitArguments): Promise<void> {
  const setAside = createSetAside(options);
  const { ratio: ratios, seed, stratify = false, groupBy } = options;
  const dataset = await openInput(input, options, setAside);
  const parts = await splitDataset(dataset, {
    ratios,
    seed,
    stratify,
    groupOf: groupBy?.groupOf,
    signal: interruption,
  });
  if (groupBy?.isUnused())
    throw new UsageError(
      `--group-by ${groupBy.text}: it groups no image of ${input}; ${groupBy.isPattern ? "no file name fits the pattern" : "no image has such a field (a pattern has a *)"}.`,
    );
  const reports: Record<string, unknown> = {};
  for (const [name, part] of parts)
    reports[name] = await writeOutput(part, join(output, name), options, setAside);
  const [first] = parts.values();
  if (first) await outputFormat(options, first).writeAboveParts?.(output, [...parts.keys()]);
  printResult(options, reports, setAside);
}

/** `segany dataset filter` */
export function filterCommand(): Command {
  const command = new Command("filter")
    .summary("keep masks and images by class, size, score, …")
    .description("Keeps the masks and images that satisfy all given conditions.")
    .argument("<input>", "data set")
    .argument("<output>", "output folder")
    .option("--category <name>", "keep this class; can be repeated", addText)
    .option("--drop-category <name>", "drop this class; can be repeated", addText)
    .option("--annotator <name>", "keep masks of this annotator; can be repeated", addText)
    .option("--min-area <pixels>", "keep masks of at least this area", parseNumber)
    .option("--max-area <pixels>", "keep masks of at most this area", parseNumber)
    .option("--min-relative-size <0..1>", "least sqrt(mask area / image area) of a mask", parseNumber)
    .option("--max-relative-size <0..1>", "greatest sqrt(mask area / image area) of a mask", parseNumber)
    .option("--min-predicted-iou <0..1>", "keep masks with at least this predicted IoU", parseNumber)
    .option("--min-stability-score <0..1>", "keep masks with at least this stability score", parseNumber)
    .option("--no-crowds", "drop crowd masks")
    .option("--min-side <pixels>", "keep images with both sides at least this long", parseCount)
    .option("--max-side <pixels>", "keep images with both sides at most this long", parseCount)
    .option("--min-masks <number>", "keep images with at least this many remaining masks", parseCount)
    .option("--max-masks <number>", "keep images with at most this many remaining masks", parseCount)
    .option("--file-name <pattern>", "keep images whose name contains this; * matches anything")
    .action(filter);
  return addWriteOptions(command).addHelpText(
    "after",
    `
Examples:
  segany dataset filter coco cats --category cat --min-masks 1
  segany dataset filter bsds500 first --annotator 0 --min-masks 1
  segany dataset filter sa1b good --min-predicted-iou 0.9 --min-area 100 --to coco`,
  );
}

interface FilterArguments extends WriteArguments {
  readonly category?: string[];
  readonly dropCategory?: string[];
  readonly annotator?: string[];
  readonly minArea?: number;
  readonly maxArea?: number;
  readonly minRelativeSize?: number;
  readonly maxRelativeSize?: number;
  readonly minPredictedIou?: number;
  readonly minStabilityScore?: number;
  readonly crowds: boolean;
  readonly minSide?: number;
  readonly maxSide?: number;
  readonly minMasks?: number;
  readonly maxMasks?: number;
  readonly fileName?: string;
}

async function filter(input: string, output: string, options: FilterArguments): Promise<void> {
  const setAside = createSetAside(options);
  const criteria: FilterOptions = {
    ...options,
    categories: options.category,
    dropCategories: options.dropCategory,
    annotators: options.annotator,
    minAreaPx: options.minArea,
    maxAreaPx: options.maxArea,
    dropCrowds: !options.crowds,
    minSidePx: options.minSide,
    maxSidePx: options.maxSide,
  };
  const filtered = filterDataset(await openInput(input, options, setAside), criteria);
  printResult(options, await writeOutput(filtered, output, options, setAside), setAside);
}

/** `segany dataset merge` */
export function mergeCommand(): Command {
  const command = new Command("merge")
    .summary("join data sets")
    .description("Joins data sets: classes with the same name become one, and all ids are reassigned.")
    .argument("<inputs...>", "data sets of any format")
    .requiredOption("-o, --output <folder>", "output folder")
    .option("--no-prefix", "keep file names, without a folder for each data set")
    .action(merge);
  return addWriteOptions(command).addHelpText(
    "after",
    `
Examples:
  segany dataset merge first second --output both
  segany dataset merge labelme-set coco-set --output both --to coco --no-prefix`,
  );
}

async function merge(
  inputs: string[],
  options: WriteArguments & { readonly output: string; readonly prefix: boolean },
): Promise<void> {
  const setAside = createSetAside(options);
  const datasets = [];
  for (const input of inputs) datasets.push(await openInput(input, options, setAside));
  const merged = mergeDatasets(datasets, { prefix: options.prefix });
  const formats = new Set(datasets.map(({ format }) => format));
  const [only] = formats;
  const to = options.to ?? (formats.size === 1 ? only : undefined);
  const writeOptions = { ...options, ...(to !== undefined && { to }) };
  printResult(options, await writeOutput(merged, options.output, writeOptions, setAside), setAside);
}

/** `segany dataset sample` */
export function sampleCommand(): Command {
  const command = new Command("sample")
    .summary("select images at random")
    .description("Selects images at random, each with the same probability, with all their masks.")
    .argument("<input>", "data set")
    .argument("<output>", "output folder")
    .requiredOption("-n, --count <images>", "number of images", parseCount)
    .option("--seed <number>", "seed of the random selection", parseCount, 0)
    .action(sample);
  return addWriteOptions(command).addHelpText(
    "after",
    "\nExample:\n  segany dataset sample sa1b few --count 100 --to coco",
  );
}

async function sample(
  input: string,
  output: string,
  options: WriteArguments & { readonly count: number; readonly seed: number },
): Promise<void> {
  const setAside = createSetAside(options);
  const { count, seed } = options;
  const chosen = await sampleDataset(await openInput(input, options, setAside), {
    count,
    seed,
    signal: interruption,
  });
  printResult(options, await writeOutput(chosen, output, options, setAside), setAside);
}

/** `segany dataset remap` */
export function remapCommand(): Command {
  const command = new Command("remap")
    .summary("rename, join and drop classes; clear crowd flags; reassign ids")
    .description(
      "Renames, joins and drops classes; --clear-crowd also clears the crowd flag, --relabel-ids reassigns the ids of images, masks and classes.",
    )
    .argument("<input>", "data set")
    .argument("<output>", "output folder")
    .option(
      "--map <old=new>",
      "new name of a class; classes with the same name become one; can be repeated",
      addPair,
    )
    .option("--drop <name>", "drop a class and its masks; can be repeated", addText)
    .option("--only", "drop all classes that --map does not name")
    .option("--clear-crowd", "make crowds (iscrowd) ordinary objects")
    .option("--relabel-ids", "number images, masks and classes from 1 without gaps")
    .action(remap);
  return addWriteOptions(command).addHelpText(
    "after",
    `
Examples:
  segany dataset remap coco animals --map cat=animal --map dog=animal --only
  segany dataset remap coco numbered --relabel-ids`,
  );
}

interface RemapArguments extends WriteArguments {
  readonly map?: Record<string, string>;
  readonly drop?: string[];
  readonly only?: boolean;
  readonly clearCrowd?: boolean;
  readonly relabelIds?: boolean;
}

async function remap(input: string, output: string, options: RemapArguments): Promise<void> {
  const setAside = createSetAside(options);
  const { map = {}, drop = [], only = false } = options;
  if (Object.keys(map).length + drop.length === 0 && !only && !options.clearCrowd && !options.relabelIds)
    throw new UsageError(
      "Nothing to change: use --map old=new, --drop name, --clear-crowd or --relabel-ids.",
    );
  if (only && Object.keys(map).length === 0)
    throw new UsageError("--only drops all classes that --map does not name; give --map old=new too.");
  const names = { ...map, ...Object.fromEntries(drop.map((name) => [name, null])) };
  const remapped = remapCategories(await openInput(input, options, setAside), {
    names,
    others: only ? "drop" : "keep",
  });
  const cleared = options.clearCrowd ? clearCrowds(remapped) : remapped;
  const result = options.relabelIds ? relabelIds(cleared) : cleared;
  printResult(options, await writeOutput(result, output, options, setAside), setAside);
}
