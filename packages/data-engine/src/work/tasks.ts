import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { checkName } from "../projects/project.js";
import { getProject } from "../projects/projects.js";
import { newId } from "../store/ids.js";
import type { TaskTable } from "../store/schema.js";
import { embedWork } from "../work-items/embed-task.js";
import { insertWork } from "../work-items/submit.js";
import { addJob } from "./add-job.js";

/** An image as a task takes it. Its file is in the server's store, under its id. */
export interface TaskImage {
  /** SHA-256 of the file. */
  readonly id: string;
  readonly name: string;
  /** Pixels, as seen. */
  readonly width: number;
  readonly height: number;
}

/** A set of images with one purpose, divided into jobs. */
export interface Task {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  /** Of a training task each annotator gets a job of their own, judged by its ground truth. */
  readonly purpose: "production" | "training";
  readonly version: number;
  readonly createdAt: number;
}

export interface NewTask {
  readonly project: string;
  readonly name: string;
  /** In the order in which they are labelled. */
  readonly images: readonly TaskImage[];
  /** Images of a job; all of them by default. */
  readonly imagesPerJob?: number;
  /** In place of `imagesPerJob`: how many jobs share the images, as evenly as possible. */
  readonly jobs?: number;
  /** Blind copies of each job, which are merged by agreement; 1 by default, without consensus. */
  readonly replicas?: number;
  readonly purpose?: Task["purpose"];
}

export interface Tasks {
  /** Queues the embeddings of its images, too. @throws DataEngineError `invalid`, `not-found` */
  create(person: string, task: NewTask): Promise<Task>;
  /**
   * Adds a job in which trusted people label some images of the task. Others label the same images without
   * knowing it; their accuracy is measured on these.
   *
   * @param images ids; each must be of the task
   * @returns the job's id
   * @throws DataEngineError `invalid`, `not-found`
   */
  addGroundTruth(person: string, task: string, images: readonly string[]): Promise<string>;
  /** @throws DataEngineError `not-found` also for a deleted one */
  get(id: string): Promise<Task>;
  /** Oldest first, after the id of the last one seen. */
  list(
    project: string,
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<readonly Task[]>;
  /** The task's images, each once, by name. */
  images(task: string): Promise<readonly TaskImage[]>;
  /** Hides the task and its jobs; nothing of it is lost. @throws DataEngineError `not-found` */
  delete(person: string, id: string): Promise<void>;
  /** @throws DataEngineError `not-found` */
  restore(person: string, id: string): Promise<void>;
}

const MAX_IMAGES = 1_000_000;
const MAX_REPLICAS = 10;

export function createTasks(context: Context): Tasks {
  const { db, now } = context;
  return {
    create: (person, task) => db.transaction().execute((trx) => createTask(trx, now(), person, task)),
    addGroundTruth: (person, task, images) =>
      db.transaction().execute((trx) => addGroundTruth(trx, now(), person, task, images)),
    get: (id) => getTask(db, id),
    async list(project, { after = "", limit = 100 } = {}) {
      const rows = await db
        .selectFrom("task")
        .selectAll()
        .where("project_id", "=", project)
        .where("deleted_at", "is", null)
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map(toTask);
    },
    images: (task) => taskImages(db, task),
    delete: (person, id) => setDeleted(context, person, id, now()),
    restore: (person, id) => setDeleted(context, person, id, null),
  };
}

async function createTask(trx: Db, now: number, person: string, given: NewTask): Promise<Task> {
  const task = await prepareTask(trx, now, given);
  await announceTask(trx, now, person, task.id, given.images.length);
  return task;
}

/** Makes a task that nobody sees until it is announced. @throws DataEngineError `invalid`, `not-found` */
export async function prepareTask(trx: Db, now: number, given: NewTask): Promise<Task> {
  await getProject(trx, given.project);
  checkNumbers(given);
  const { project, images, replicas = 1, purpose = "production" } = given;
  const task: TaskTable = {
    ...{ id: newId(now), project_id: project, name: checkName(given.name, "The task"), purpose },
    ...{ version: 1, created_at: now, deleted_at: now },
  };
  await trx.insertInto("task").values(task).execute();
  await addImages(trx, images, now);
  for (const [rank, part] of divide(given).entries())
    await addJobs(trx, now, toTask(task), { images: part, rank, replicas });
  return toTask(task);
}

/**
 * Shows a prepared task, and queues the embeddings of its images.
 *
 * @throws DataEngineError `not-found` if it is shown already
 */
export async function announceTask(
  trx: Db,
  now: number,
  person: string,
  id: string,
  images: number,
): Promise<void> {
  const row = await showTask(trx, id, null);
  await insertWork(trx, now, embedWork(id, row.project_id, images));
  await audit(trx, now, entryOf(row, person, "create"));
}

/** The images of each job. A training task is one: whoever passes it has labelled all. */
function divide({ images, imagesPerJob = images.length, jobs, purpose }: NewTask): (readonly TaskImage[])[] {
  const equal = purpose === "training" ? 1 : jobs;
  const startOf = (job: number) =>
    equal === undefined ? job * imagesPerJob : Math.floor((job * images.length) / equal);
  return Array.from({ length: equal ?? Math.ceil(images.length / imagesPerJob) }, (_, job) =>
    images.slice(startOf(job), startOf(job + 1)),
  );
}

/** One job, or the job that replicas are merged into with these. */
async function addJobs(
  trx: Db,
  now: number,
  task: Task,
  { images, rank, replicas }: { images: readonly TaskImage[]; rank: number; replicas: number },
): Promise<void> {
  const job = { task: task.id, project: task.project, rank, images };
  if (task.purpose === "training") await addJob(trx, { ...job, type: "ground_truth" }, now);
  else if (replicas === 1) await addJob(trx, { ...job, type: "annotation" }, now);
  else {
    const parent = await addJob(trx, { ...job, type: "annotation", state: "in progress" }, now);
    for (let i = 0; i < replicas; i++) await addJob(trx, { ...job, type: "consensus_replica", parent }, now);
  }
}

async function addGroundTruth(
  trx: Db,
  now: number,
  person: string,
  id: string,
  imageIds: readonly string[],
): Promise<string> {
  const { project } = await getTask(trx, id);
  const known = new Map((await taskImages(trx, id)).map((image) => [image.id, image]));
  const images = [...new Set(imageIds)].map((imageId) => {
    const image = known.get(imageId);
    if (!image) throw new DataEngineError("invalid", `The image ${imageId} is not in the task.`);
    return image;
  });
  if (images.length === 0) throw new DataEngineError("invalid", "Ground truth needs at least one image.");
  const job = await addJob(trx, { task: id, project, type: "ground_truth", rank: -1, images }, now);
  await audit(trx, now, { person, event: "create:job", project, object: job });
  return job;
}

async function setDeleted(
  { db, now }: Context,
  person: string,
  id: string,
  at: number | null,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await showTask(trx, id, at);
    await audit(trx, now(), entryOf(row, person, at === null ? "restore" : "delete"));
  });
}

/** @param deletedAt null: it is there @throws DataEngineError `not-found` */
async function showTask(trx: Db, id: string, deletedAt: number | null): Promise<TaskTable> {
  const row = await trx
    .updateTable("task")
    .set({ deleted_at: deletedAt })
    .where("id", "=", id)
    .where("deleted_at", deletedAt === null ? "is not" : "is", null)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw noTask(id);
  return row;
}

function checkNumbers({ images, imagesPerJob, jobs, replicas = 1 }: NewTask): void {
  if (jobs !== undefined && imagesPerJob !== undefined)
    throw new DataEngineError("invalid", "Say how many jobs a task has, or how many images a job, not both.");
  const check = (value: number, most: number, what: string) => {
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new DataEngineError("invalid", `A task has ${value} ${what}; it can have 1 to ${most}.`);
  };
  check(images.length, MAX_IMAGES, "images");
  if (imagesPerJob !== undefined) check(imagesPerJob, MAX_IMAGES, "images a job");
  check(replicas, MAX_REPLICAS, "replicas");
  if (jobs !== undefined) check(jobs, images.length, "jobs");
  const ids = new Set<string>();
  for (const { id, name } of images) {
    if (ids.has(id))
      throw new DataEngineError("invalid", `The image ${name} is in the task twice (its file is the same).`);
    ids.add(id);
  }
}

/** Rows in one statement: both databases limit the number of parameters. */
const ROWS_AT_ONCE = 200;

async function addImages(db: Db, images: readonly TaskImage[], now: number): Promise<void> {
  for (let start = 0; start < images.length; start += ROWS_AT_ONCE) {
    const rows = images
      .slice(start, start + ROWS_AT_ONCE)
      .map(({ id, width, height }) => ({ id, width, height, created_at: now }));
    await db
      .insertInto("image")
      .values(rows)
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
  }
}

/** The task's images, each once, by name; also of one that nobody sees. */
export async function taskImages(db: Db, task: string): Promise<readonly TaskImage[]> {
  return db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .innerJoin("image", "image.id", "job_image.image_id")
    .select(["image.id", "job_image.name", "image.width", "image.height"])
    .distinct()
    .where("job.task_id", "=", task)
    .orderBy("job_image.name")
    .execute();
}

/** @throws DataEngineError `not-found` also for a deleted one */
export async function getTask(db: Db, id: string): Promise<Task> {
  const row = await db
    .selectFrom("task")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!row) throw noTask(id);
  return toTask(row);
}

const noTask = (id: string) => new DataEngineError("not-found", `There is no task ${id}.`);

const entryOf = (task: TaskTable, person: string, verb: string) => ({
  person,
  event: `${verb}:task`,
  project: task.project_id,
  object: task.id,
  details: { name: task.name },
});

function toTask(row: TaskTable): Task {
  return {
    id: row.id,
    project: row.project_id,
    name: row.name,
    purpose: row.purpose as Task["purpose"],
    version: row.version,
    createdAt: row.created_at,
  };
}
