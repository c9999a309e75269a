/** Commands that convert, validate or present data sets. */
import {
  collectStatistics,
  formatStatisticsPage,
  formatStatisticsTable,
  type InpaintingLayout,
  type TurnedImages,
  type ValidationReport,
  validate,
  writeContactSheet,
  writeInpainting,
} from "@segany/dataset";
import { Command, Option } from "commander";
import { interruption } from "../interruption.js";
import { parseCount, parseNumber } from "../numbers.js";
import { printJson, printLine, printText } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { writeNamedFile } from "../write-named-file.js";
import { problemLine } from "./problem-line.js";
import { createSetAside } from "./set-aside.js";
import {
  addInputOptions,
  addReadOptions,
  addWriteOptions,
  formatList,
  noteRenamed,
  openInput,
  passProgress,
  printResult,
  type ReadArguments,
  type WriteArguments,
  writeOutput,
} from "./shared-options.js";

/** `segany dataset convert` */
export function convertCommand(): Command {
  const command = new Command("convert")
    .summary("write in another format")
    .description("Writes a data set in another format and lists what that format can't represent.")
    .argument("<input>", "data set")
    .argument("<output>", "output folder")
    .action(async (input: string, output: string, options: WriteArguments) => {
      const setAside = createSetAside(options);
      const dataset = await openInput(input, options, setAside);
      printResult(options, await writeOutput(dataset, output, options, setAside), setAside);
    });
  return addWriteOptions(command).addHelpText(
    "after",
    `
Formats:
${formatList()}

Examples:
  segany dataset convert coco --to yolo yolo
  segany dataset convert sa_000000.tar --to coco coco --no-images
  segany dataset convert coco --to sa1b shards --shard-size 10000`,
  );
}

/** `segany dataset stats` */
export function statsCommand(): Command {
  const command = new Command("stats")
    .summary("count images, masks, sizes, shapes, classes")
    .description(
      "Prints statistics of a data set: masks per image, their sizes, shapes, positions and classes.",
    )
    .argument("<input>", "data set")
    .option("--html <file>", "also write an HTML page with plots")
    .action(stats);
  return addInputOptions(command).addHelpText(
    "after",
    `
Relative size is sqrt(mask area / image area); concavity is 1 - mask area / area of its convex hull.

Examples:
  segany dataset stats coco
  segany dataset stats sa1b --html stats.html --json > stats.json`,
  );
}

async function stats(input: string, options: ReadArguments & { readonly html?: string }): Promise<void> {
  const setAside = createSetAside(options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const statistics = await collectStatistics(await openInput(input, options, setAside), {
    signal: interruption,
    onProgress: passProgress(progress, "Counting"),
  });
  if (options.html !== undefined) await writeNamedFile(options.html, await formatStatisticsPage(statistics));
  progress.end(options.html !== undefined ? `Plots → ${options.html}` : undefined);
  if (!options.json) printText(formatStatisticsTable(statistics));
  printResult(options, statistics, setAside);
}

/** `segany dataset view` */
export function viewCommand(): Command {
  const command = new Command("view")
    .summary("write HTML pages with images and masks")
    .description("Writes HTML pages of thumbnails with masks, which open in a browser without a server.")
    .argument("<input>", "data set")
    .argument("<output>", "folder for the pages")
    .option("--per-page <images>", "images per page", parseCount, 200)
    .option("--thumbnail <pixels>", "longer side of the thumbnails", parseCount, 400)
    .option("--limit <images>", "most images", parseCount)
    .action(view);
  return addInputOptions(command).addHelpText(
    "after",
    `
Keys on the pages: m toggles masks, arrows to the next image or page, Escape closes an enlarged image.

Examples:
  segany dataset view coco pages
  segany dataset view sa1b pages --limit 1000 --thumbnail 640`,
  );
}

interface ViewArguments extends ReadArguments {
  readonly perPage: number;
  readonly thumbnail: number;
  readonly limit?: number;
}

async function view(input: string, output: string, options: ViewArguments): Promise<void> {
  const setAside = createSetAside(options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const report = await writeContactSheet(await openInput(input, options, setAside), output, {
    imagesPerPage: options.perPage,
    thumbnailPx: options.thumbnail,
    limit: options.limit,
    signal: interruption,
    onProgress: passProgress(progress, "Drawing"),
  });
  const { images, pages, missingFiles, unreadableFiles, path } = report;
  const grey = [
    ...(missingFiles > 0 ? [`${missingFiles} without a file`] : []),
    ...(unreadableFiles > 0 ? [`${unreadableFiles} that can't be read`] : []),
  ].join(" and ");
  const remark = grey ? ` (grey: ${grey})` : "";
  progress.end(`${images} images on ${pages} ${pages === 1 ? "page" : "pages"}${remark} → ${path}`);
  printResult(options, report, setAside);
}

/** `segany dataset validate` */
export function validateCommand(): Command {
  const command = new Command("validate")
    .summary("find problems")
    .description(
      "Lists the problems of a data set with file, record and field. Exit status 1 if there are any.",
    )
    .argument("<input>", "data set")
    .option("--no-images", "do not open image files")
    .option("--limit <problems>", "most problems to print; all are counted", parseCount, 50)
    .action(check);
  return addReadOptions(command).addHelpText(
    "after",
    `
Examples:
  segany dataset validate sa_000000.tar
  segany dataset validate coco --no-images --json`,
  );
}

async function check(
  input: string,
  options: ReadArguments & { readonly images: boolean; readonly limit: number },
): Promise<void> {
  const progress = createProgress({ quiet: options.quiet || options.json });
  const report = await validate(input, {
    format: options.from,
    imageFolder: options.imageFolder,
    encoding: options.encoding,
    images: options.images,
    limit: options.limit,
    signal: interruption,
    onProgress: passProgress(progress, "Checking"),
  });
  progress.end();
  if (options.json) printJson(report);
  else printProblems(report);
  if (report.problemCount > 0) process.exitCode = 1;
}

function printProblems({
  problems,
  counts,
  problemCount,
  images,
  annotations,
  format,
  turnedImages,
}: ValidationReport): void {
  for (const problem of problems) printLine(problemLine(problem));
  if (problemCount > problems.length) printLine(`… and ${problemCount - problems.length} more`);
  if (turnedImages) printLine(turnedLine(turnedImages));
  const kinds = Object.entries(counts).map(([code, count]) => `${code} ${count}`);
  const verdict = problemCount === 0 ? "no problems" : `${problemCount} problems (${kinds.join(", ")})`;
  printLine(`${format}: ${images} images, ${annotations} annotations, ${verdict}`);
}

/** Says which sizes a data set has of images that EXIF turns. */
function turnedLine({ seen, stored, either }: TurnedImages): string {
  const taken = stored === 0 ? "seen" : seen === 0 ? "stored" : "the first image that tells";
  const parts = [
    ...(seen > 0 ? [`${seen} with sizes as seen`] : []),
    ...(stored > 0 ? [`${stored} with sizes as stored (their masks are turned when they are read)`] : []),
    ...(either > 0 ? [`${either} whose sizes don't tell (taken as ${taken})`] : []),
  ];
  return `images that EXIF turns: ${parts.join(", ")}`;
}

/** `segany dataset inpaint` */
export function inpaintCommand(): Command {
  const command = new Command("inpaint")
    .summary("image and mask pairs for inpainting tools")
    .description("Writes a pair of PNGs for each mask: the image, and the mask in white where to inpaint.")
    .argument("<input>", "data set")
    .argument("<output>", "folder for the pairs")
    .option("--dilate <pixels>", "dilate masks by this many pixels; negative values erode", parseNumber, 0)
    .option("--feather <pixels>", "fade masks out over this many pixels", parseNumber, 0)
    .addOption(
      new Option(
        "--layout <layout>",
        "pairs: photo/0/image.png, mask.png; folders: images/photo-0.png, masks/photo-0.png; lama: photo-0.png, photo-0_mask.png",
      )
        .choices(["pairs", "folders", "lama"])
        .default("pairs"),
    )
    .action(inpaint);
  return addInputOptions(command).addHelpText(
    "after",
    `
Examples:
  segany dataset inpaint coco pairs --dilate 8 --feather 4
  segany dataset inpaint outputs pairs --from sa1b --image-folder photos --layout folders`,
  );
}

interface InpaintArguments extends ReadArguments {
  readonly dilate: number;
  readonly feather: number;
  readonly layout: InpaintingLayout;
}

async function inpaint(input: string, output: string, options: InpaintArguments): Promise<void> {
  const setAside = createSetAside(options);
  const progress = createProgress({ quiet: options.quiet || options.json });
  const report = await writeInpainting(await openInput(input, options, setAside), output, {
    dilatePx: options.dilate,
    featherPx: options.feather,
    layout: options.layout,
    signal: interruption,
    onProblem: setAside.onProblem,
    onProgress: passProgress(progress, "Writing pairs"),
  });
  const missing = report.missingFiles > 0 ? `, ${report.missingFiles} images without a file skipped` : "";
  progress.end(`${report.pairs} pairs of ${report.images} images${missing} → ${output}`);
  noteRenamed(progress, report.renamed);
  printResult(options, report, setAside);
}
