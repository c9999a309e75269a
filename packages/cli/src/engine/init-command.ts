import { basename, resolve } from "node:path";
import { classColour, type DataEngine, type Project, type TaskImage } from "@segany/data-engine";
import { type ImageLibrary, openImageLibrary } from "@segany/server";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { addBlobsOption, openCluster } from "../cluster-options.js";
import { openFreeFolder } from "../free-folder.js";
import { interruption } from "../interruption.js";
import { parseCount } from "../numbers.js";
import { findImages } from "../serve/find-images.js";
import { importImages } from "../serve/import-images.js";
import { quoteArgument } from "../serve/quote-argument.js";
import { printJson, printLine } from "../terminal/print.js";
import { actor, addActorOption, addEngineOptions, type EngineArguments, withEngine } from "./open-engine.js";

interface InitArguments extends EngineArguments {
  readonly project?: string;
  readonly task?: string;
  readonly class?: readonly string[];
  readonly imagesPerJob?: number;
  readonly replicas: number;
  readonly review: boolean;
  readonly blobs?: string;
}

/** `segany engine init` */
export function initCommand(): Command {
  const command = new Command("init")
    .summary("make a project of a folder of images")
    .description(
      "Copies the images of a folder and its sub-folders into the data folder, and makes a project with a task of them. If the project exists, it gets another task.",
    )
    .argument("<folder>", "folder of images")
    .option("--project <name>", "name of the project (default: the folder's)")
    .option("--task <name>", "name of the task (default: the folder's)")
    .option("--class <name...>", "classes of the objects (default: none, masks without classes)")
    .option("--images-per-job <n>", "images that one person gets at a time (default: 10)", parseCount)
    .option("--replicas <n>", "people who label each image, blind; their masks are merged", parseCount, 1)
    .option("--no-review", "accept completed jobs without a reviewer")
    .action(run);
  return addBlobsOption(addActorOption(addEngineOptions(command))).addHelpText(
    "after",
    `
Examples:
  segany engine init photos --class pear apple
  segany engine init photos --replicas 3 --images-per-job 1
  segany serve                                 people label at the printed address`,
  );
}

const IMAGES_PER_JOB = 10;

async function run(folder: string, options: InitArguments): Promise<void> {
  const paths = await findImages(folder);
  if (paths.length === 0) throw new UsageError(`There is no image in "${folder}".`);
  const images = await addImages(paths, options);
  if (images.length === 0) throw new UsageError(`None of the ${paths.length} images could be taken.`);
  await withEngine(options, async (engine) => {
    const name = options.project ?? basename(resolve(folder));
    const person = await actor(engine, options);
    const project = await openProject(engine, person, name, options);
    const task = await engine.tasks.create(person, {
      ...{ project: project.id, name: options.task ?? basename(resolve(folder)), images },
      ...{ imagesPerJob: options.imagesPerJob ?? IMAGES_PER_JOB, replicas: options.replicas },
    });
    if (options.json) printJson({ project: project.id, task: task.id, images: images.length });
    else {
      printLine(`Project "${project.name}" has the task "${task.name}" with ${images.length} images.`);
      const folder = options.data === "segany-data" ? "" : ` ${quoteArgument(options.data)}`;
      const data = options.blobs === undefined ? folder : ` --blobs ${quoteArgument(options.blobs)}`;
      printLine(`Now start the server: segany serve${data}`);
    }
  });
}

/** The project of that name, made if there is none. */
async function openProject(
  engine: DataEngine,
  person: string,
  name: string,
  options: InitArguments,
): Promise<Project> {
  const there = (await engine.projects.list({ limit: 1000 })).find((project) => project.name === name);
  if (there) {
    if (options.class || !options.review)
      throw new UsageError(`The project "${name}" exists; change its classes and its review in the studio.`);
    return there;
  }
  return engine.projects.create(person, {
    name,
    classes: (options.class ?? []).map((each, i) => ({ name: each, colour: classColour(i), attributes: [] })),
    settings: { review: options.review },
  });
}

/** Copies images into the data folder; what is refused is printed and left out, and so is a second copy. */
async function addImages(
  paths: readonly string[],
  { data, quiet, json, ...options }: InitArguments,
): Promise<TaskImage[]> {
  const cluster = await openCluster(options);
  const openLibrary = (folder: string) => openImageLibrary(folder, cluster);
  const library: ImageLibrary = await (cluster ? openFreeFolder(data, openLibrary) : openLibrary(data));
  const images = new Map<string, TaskImage>();
  try {
    const importImage = async (path: string) => {
      const { id, name, width, height } = await library.addFile(path);
      images.set(id, { id, name, width, height });
      return id;
    };
    await importImages({ importImage }, paths, { quiet: quiet || json, signal: interruption });
    interruption.throwIfAborted();
  } finally {
    await library.close();
  }
  return [...images.values()];
}
