import { randomUUID } from "node:crypto";
import {
  type Dataset,
  type DatasetImage,
  type DatasetRecord,
  hasMask,
  type ReadTakers,
} from "@segany/dataset";
import { throwIfAborted } from "@segany/masks";
import type { AnnotationChange } from "../annotations/annotation.js";
import { storeChanges } from "../annotations/store-change.js";
import type { Context } from "../context.js";
import { classColour } from "../projects/class-colours.js";
import type { Project } from "../projects/project.js";
import { createProjects, getProject } from "../projects/projects.js";
import { type Job, updateJob } from "../work/job.js";
import { allJobs, createJobs } from "../work/jobs.js";
import { createTasks, type Task, type TaskImage } from "../work/tasks.js";

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
  /** Images that could not be stored, were there twice, or have other sizes than their masks. */
  readonly leftOut: readonly string[];
}

/**
 * Makes a task of a data set: its images, and its masks as first revisions. Classes that the project lacks
 * are added to it.
 *
 * @throws DataEngineError `invalid`, `not-found`; DatasetError
 */
export async function importDataset(
  context: Context,
  person: string,
  dataset: Dataset,
  options: ImportOptions,
): Promise<ImportReport> {
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  const project = await addClasses(context, person, options.project, [...names.values()]);
  const { images, leftOut } = await addImages(dataset, options);
  const tasks = createTasks(context);
  const { task: name, imagesPerJob } = options;
  const task = await tasks.create(person, {
    ...{ project: project.id, name, images: [...images.values()] },
    ...(imagesPerJob !== undefined && { imagesPerJob }),
  });
  const jobs = await jobsByImage(context, task);
  const report = { masks: 0, boxes: 0 };
  for await (const { image, annotations } of recordsOf(dataset, options)) {
    const stored = images.get(image.fileName);
    if (!stored) continue;
    const masks = annotations.filter(hasMask);
    report.boxes += annotations.length - masks.length;
    report.masks += masks.length;
    const changes = masks.map(({ segmentation, categoryId }): AnnotationChange => {
      const className = (categoryId === undefined ? undefined : names.get(categoryId)) ?? null;
      const provenance = { source: "imported" as const, from: dataset.name };
      const ids = { change: randomUUID(), annotation: randomUUID(), base: 0 };
      return { ...ids, kind: "put", mask: segmentation, className, provenance };
    });
    const row = { ...stored, created_at: 0 };
    const place = { project, job: jobs.get(stored.id)!, image: row, person, now: context.now() };
    await context.db.transaction().execute((trx) => storeChanges(trx, place, changes));
  }
  if (options.accepted) await acceptAll(context, person, task);
  return { task, images: images.size, ...report, leftOut };
}

function recordsOf(
  dataset: Dataset,
  { signal, onProblem, onLoss }: ImportOptions,
): AsyncIterable<DatasetRecord> {
  return dataset.records({ signal, onProblem, onLoss });
}

async function addImages(dataset: Dataset, options: ImportOptions) {
  const images = new Map<string, TaskImage>();
  const leftOut: string[] = [];
  const ids = new Set<string>();
  for await (const { image } of recordsOf(dataset, options)) {
    throwIfAborted(options.signal);
    const stored = await options.addImage(image);
    const fits = stored && stored.width === image.width && stored.height === image.height;
    if (fits && !ids.has(stored.id)) images.set(image.fileName, stored);
    else leftOut.push(image.fileName);
    if (stored) ids.add(stored.id);
    options.onProgress?.(images.size + leftOut.length);
  }
  return { images, leftOut };
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

async function jobsByImage(context: Context, task: Task): Promise<ReadonlyMap<string, Job>> {
  const jobs = createJobs(context);
  const byImage = new Map<string, Job>();
  for await (const job of allJobs(jobs, task.project, { task: task.id }))
    for (const { image } of await jobs.images(job.id)) byImage.set(image, job);
  return byImage;
}

async function acceptAll(context: Context, person: string, task: Task): Promise<void> {
  for await (const job of allJobs(createJobs(context), task.project, { task: task.id }))
    await context.db.transaction().execute(async (trx) => {
      await trx.updateTable("job_image").set({ state: "done" }).where("job_id", "=", job.id).execute();
      const change = { stage: "acceptance", state: "completed", assignee: person, annotator: person };
      await updateJob(trx, job, context.now(), change);
    });
}
