import { basename, resolve } from "node:path";
import { Readable } from "node:stream";
import { type DataEngine, type ExportState, importDataset, projectDataset } from "@segany/data-engine";
import { createImageReader, openImageLibrary } from "@segany/server";
import { Command, Option } from "commander";
import { createSetAside } from "../dataset/set-aside.js";
import {
  addInputOptions,
  formatList,
  openInput,
  printResult,
  type ReadArguments,
  type WriteArguments,
  writeOutput,
} from "../dataset/shared-options.js";
import { interruption } from "../interruption.js";
import { parseCount } from "../numbers.js";
import { createProgress } from "../terminal/progress.js";
import {
  actor,
  addActorOption,
  addEngineOptions,
  type EngineArguments,
  findProject,
  withEngine,
} from "./open-engine.js";

interface ExportArguments extends EngineArguments, Pick<WriteArguments, "images" | "resume" | "shardSize"> {
  readonly project?: string;
  readonly to: string;
  readonly state: ExportState;
}

/** `segany engine export` */
export function exportCommand(): Command {
  const command = new Command("export")
    .summary("write a project's masks as a data set")
    .description("Writes the masks of a project, with their images, in any format of segany dataset.")
    .argument("<output>", "output folder")
    .option("--project <name>", "project (default: the only one)")
    .option("-t, --to <format>", "output format", "coco")
    .addOption(
      new Option("--state <state>", "which images: those of accepted jobs, those that are labelled, or all")
        .choices(["accepted", "labelled", "all"])
        .default("accepted"),
    )
    .option("--no-images", "write masks only, no image files")
    .option("--resume", "continue an unfinished output")
    .option("--shard-size <megabytes>", "sa1b: tar shards of at most this size", parseCount)
    .action(runExport);
  return addEngineOptions(command).addHelpText("after", `\nFormats:\n${formatList()}`);
}

async function runExport(output: string, options: ExportArguments): Promise<void> {
  const setAside = createSetAside({ strict: true });
  await withEngine(options, async (engine) => {
    const project = await findProject(engine, options.project);
    const dataset = await projectDataset(engine.context, project.id, {
      state: options.state,
      ...(options.images && { readImage: createImageReader(options.data) }),
    });
    printResult(options, await writeOutput(dataset, output, options, setAside), setAside);
  });
}

interface ImportArguments extends EngineArguments, ReadArguments {
  readonly project?: string;
  readonly task?: string;
  readonly imagesPerJob?: number;
  readonly accepted?: boolean;
}

/** `segany engine import` */
export function importCommand(): Command {
  const command = addInputOptions(
    new Command("import")
      .summary("make a task of a data set with masks")
      .description(
        "Makes a task of a data set: its images, and its masks to go on from. Classes that the project lacks are added to it.",
      )
      .argument("<input>", "data set")
      .option("--project <name>", "project (default: the only one)")
      .option("--task <name>", "name of the task (default: the data set's)")
      .option("--images-per-job <n>", "images that one person gets at a time (default: 10)", parseCount)
      .option("--accepted", "take the masks as accepted work, not as work to go on from"),
  );
  const shared = new Set(command.options.map(({ long }) => long));
  const engine = addEngineOptions(new Command());
  for (const option of engine.options) if (!shared.has(option.long)) command.addOption(option);
  return addActorOption(command).action(runImport);
}

async function runImport(input: string, options: ImportArguments): Promise<void> {
  const setAside = createSetAside(options);
  const dataset = await openInput(input, options, setAside);
  await withEngine(options, async (engine) => {
    const report = await importInto(engine, input, dataset, options);
    const { task, images, masks, boxes, leftOut } = report;
    printResult(options, { task: task.id, images, masks, boxes, leftOut }, setAside);
  });
}

async function importInto(
  engine: DataEngine,
  input: string,
  dataset: Awaited<ReturnType<typeof openInput>>,
  options: ImportArguments,
) {
  const project = await findProject(engine, options.project);
  const person = await actor(engine, options);
  const library = await openImageLibrary(options.data);
  const progress = createProgress({ quiet: options.quiet || options.json });
  try {
    progress.begin("Importing images", dataset.imageCount);
    const report = await importDataset(engine.context, person, dataset, {
      ...{ project: project.id, task: options.task ?? basename(resolve(input)) },
      imagesPerJob: options.imagesPerJob ?? 10,
      accepted: options.accepted === true,
      signal: interruption,
      onProgress: (images) => progress.update(images),
      async addImage({ open, fileName }) {
        if (!open) return undefined;
        const { id, width, height } = await library.add(Readable.from([await open()]), basename(fileName));
        return { id, name: fileName, width, height };
      },
    });
    const { images, masks, boxes, leftOut, task } = report;
    progress.end(`Task "${task.name}": ${images} images with ${masks} masks.`);
    if (boxes > 0)
      progress.note(`  ${boxes} boxes without masks were left out; see segany dataset masks-from-boxes`);
    for (const name of leftOut) progress.note(`  ${name}: left out (no file, another size, or there twice)`);
    return report;
  } finally {
    await library.close();
  }
}
