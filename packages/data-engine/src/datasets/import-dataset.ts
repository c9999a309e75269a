import { randomUUID } from "node:crypto";
import {
  type Dataset,
  type DatasetImage,
  type DatasetRecord,
  hasMask,
  type ReadTakers,
} from "@segany/dataset";
import { throwIfAborted } from "@segany/masks";
import type { Context, Db } from "../context.js";
import { classColour } from "../projects/class-colours.js";
import type { Project } from "../projects/project.js";
import { createProjects, getProject } from "../projects/projects.js";
import { announceTask, prepareTask, type Task, type TaskImage, taskImages } from "../work/tasks.js";
import { acceptImported, importedPlaces, storeImported } from "./store-imported.js";

export interface ImportOptions extends ReadTakers {
  readonly project: string;
  /** Name of the new task. */
  readonly task: string;
  readonly imagesPerJob?: number;
  /** Takes the masks as accepted work; otherwise people go on from them. */
  readonly accepted?: boolean;
  /**
   * Stores an image's file, and says under which id.
   *
   * @returns undefined for an image that can't be stored, which is then left out
   */
  readonly addImage: (image: DatasetImage) => Promise<TaskImage | undefined>;
  readonly onProgress?: (images: number) => void;
  readonly signal?: AbortSignal;
}

/** What was imported. */
export interface ImportReport {
  readonly task: Task;
  readonly images: number;
  readonly masks: number;
  /** Boxes alone: the data engine keeps masks. */
  readonly boxes: number;
  /**
   * Images that could not be stored, were there twice, or have other sizes than their masks; the first
   * thousand.
   */
  readonly leftOut: readonly string[];
}

/** How far an import is: plain data, from which another attempt goes on. */
export interface ImportProgress {
  readonly what: "images" | "masks";
  /** Images that this was done for. */
  readonly done: number;
  readonly total: number | null;
  /** The task, which nobody sees before the end; null until it is made. */
  readonly task: Task | null;
  readonly masks: number;
  readonly boxes: number;
  readonly leftOut: readonly string[];
}

export const NOTHING_IMPORTED: ImportProgress = {
  ...{ what: "images", done: 0, total: null, task: null, masks: 0, boxes: 0, leftOut: [] },
};

/** An import in steps, each of which is stored with how far it is. */
export interface ImportRun extends ImportOptions {
  /** The same for each attempt: its masks are stored once. */
  readonly id: string;
  readonly begun: ImportProgress;
  /** Writes a step, with the progress that it returns, in one transaction. */
  readonly advance: (step: (trx: Db) => Promise<ImportProgress>) => Promise<void>;
}

const MAX_LEFT_OUT = 1000;

/** Images between two reports of progress while files are stored. */
const IMAGES_A_STEP = 20;

/**
 * Makes a task of a data set: its images, and its masks as first revisions. Classes that the project lacks
 * are added to it. Nobody sees the task before all of it is there.
 *
 * @throws DataEngineError `invalid`, `not-found`; DatasetError
 */
export async function importDataset(
  context: Context,
  person: string,
  dataset: Dataset,
  options: ImportOptions,
): Promise<ImportReport> {
  const { db, now } = context;
  const run: ImportRun = {
    ...{ ...options, id: randomUUID(), begun: NOTHING_IMPORTED },
    advance: async (step) => void (await db.transaction().execute(step)),
  };
  const progress = await importSteps(context, person, dataset, run);
  return db.transaction().execute((trx) => endImport(trx, now(), person, progress, options));
}

/** Does all of an import that is not done yet, but for its end. */
export async function importSteps(
  context: Context,
  person: string,
  dataset: Dataset,
  run: ImportRun,
): Promise<ImportProgress> {
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  const project = await addClasses(context, person, run.project, [...names.values()]);
  let progress = run.begun;
  if (!progress.task) progress = await addTask(context, dataset, run);
  const task = progress.task!;
  const places = await importedPlaces(context.db, task.id);
  let passed = 0;
  for await (const { image, annotations } of recordsOf(dataset, run)) {
    if (passed++ < progress.done) continue;
    throwIfAborted(run.signal);
    const masks = annotations.filter(hasMask);
    const found = places.get(image.fileName);
    const before = progress;
    await run.advance(async (trx) => {
      const place = found && { ...found, project, person, now: context.now() };
      if (place) await storeImported(trx, place, masks, { names, from: dataset.name, run: run.id });
      progress = {
        ...{ ...before, done: before.done + 1 },
        masks: before.masks + (found ? masks.length : 0),
        boxes: before.boxes + (found ? annotations.length - masks.length : 0),
      };
      return progress;
    });
  }
  return progress;
}

/** Shows the task, and accepts it if that is wanted. */
export async function endImport(
  trx: Db,
  now: number,
  person: string,
  { task, masks, boxes, leftOut }: ImportProgress,
  { accepted = false }: Pick<ImportOptions, "accepted">,
): Promise<ImportReport> {
  const images = await taskImages(trx, task!.id);
  await announceTask(trx, now, person, task!.id, images.length);
  if (accepted) await acceptImported(trx, now, person, task!.id);
  return { task: task!, images: images.length, masks, boxes, leftOut };
}

/** Stores the image files, then makes the task of them. What is stored already takes no time again. */
async function addTask({ now }: Context, dataset: Dataset, run: ImportRun): Promise<ImportProgress> {
  const { task: name, imagesPerJob, project } = run;
  const images: TaskImage[] = [];
  const leftOut: string[] = [];
  const ids = new Set<string>();
  let done = 0;
  const total = dataset.imageCount ?? null;
  for await (const { image } of recordsOf(dataset, run)) {
    throwIfAborted(run.signal);
    const stored = await run.addImage(image);
    const fits = stored && stored.width === image.width && stored.height === image.height;
    if (fits && !ids.has(stored.id)) images.push({ ...stored, name: image.fileName });
    else if (leftOut.length < MAX_LEFT_OUT) leftOut.push(image.fileName);
    if (stored) ids.add(stored.id);
    done++;
    run.onProgress?.(done);
    if (done % IMAGES_A_STEP === 0) await run.advance(async () => ({ ...NOTHING_IMPORTED, done, total }));
  }
  let progress = NOTHING_IMPORTED;
  await run.advance(async (trx) => {
    const task = await prepareTask(trx, now(), {
      ...{ project, name, images, ...(imagesPerJob !== undefined && { imagesPerJob }) },
    });
    progress = { ...NOTHING_IMPORTED, what: "masks", total: done, task, leftOut };
    return progress;
  });
  return progress;
}

function recordsOf(
  dataset: Dataset,
  { signal, onProblem, onLoss }: ImportOptions,
): AsyncIterable<DatasetRecord> {
  return dataset.records({ signal, onProblem, onLoss });
}

async function addClasses(
  context: Context,
  person: string,
  id: string,
  names: readonly string[],
): Promise<Project> {
  const project = await getProject(context.db, id);
  const missing = [...new Set(names)].filter((name) => !project.classes.some((each) => each.name === name));
  if (missing.length === 0) return project;
  const added = missing.map((name, i) => ({
    ...{ name, colour: classColour(project.classes.length + i), attributes: [] },
  }));
  const classes = [...project.classes, ...added];
  return createProjects(context).update(person, id, project.version, { classes });
}
