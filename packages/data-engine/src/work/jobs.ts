import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { countImages, type ImageCount } from "./image-counts.js";
import {
  changeJob,
  getJob,
  type Job,
  type JobImage,
  type JobStage,
  type JobState,
  toJob,
  toJobImage,
  updateJob,
} from "./job.js";
import { getTask } from "./tasks.js";

export interface JobFilter {
  readonly task?: string;
  readonly assignee?: string;
  readonly stage?: JobStage;
  readonly state?: JobState;
  /** Id of the last one seen. */
  readonly after?: string;
  readonly limit?: number;
}

export interface JobCount {
  readonly stage: JobStage;
  readonly state: JobState;
  readonly count: number;
}

/** Jobs: listed, and given to people. */
export interface Jobs {
  /** @throws DataEngineError `not-found` */
  get(id: string): Promise<Job>;
  /** Oldest first. */
  list(project: string, filter?: JobFilter): Promise<readonly Job[]>;
  /** How many jobs are in which stage and state; those that replicas are merged into included. */
  counts(project: string, filter?: Pick<JobFilter, "task" | "assignee">): Promise<readonly JobCount[]>;
  /** In the order in which they are labelled. */
  images(job: string): Promise<readonly JobImage[]>;
  /** How far the images of these jobs are, in their order. @param jobs at most 1000 ids */
  imageCounts(jobs: readonly string[]): Promise<readonly ImageCount[]>;
  /** Gives it to a member; null: to the first who pulls it. @throws DataEngineError `not-found`, `invalid` */
  assign(person: string, job: string, assignee: string | null): Promise<Job>;
  /**
   * Gives the task's jobs that nobody has to people, by their shares.
   *
   * @param shares weight of each person, e.g. { anna: 2, ben: 1 }
   * @returns the number of jobs that each got
   * @throws DataEngineError `invalid` without a positive share
   */
  distribute(
    person: string,
    task: string,
    shares: Readonly<Record<string, number>>,
  ): Promise<Record<string, number>>;
}

export function createJobs(context: Context): Jobs {
  const { db, now } = context;
  return {
    get: (id) => getJob(db, id),
    async list(project, { task, assignee, stage, state, after = "", limit = 100 } = {}) {
      let query = selectJobs(db, project, { task, assignee }).selectAll("job");
      if (stage !== undefined) query = query.where("job.stage", "=", stage);
      if (state !== undefined) query = query.where("job.state", "=", state);
      const rows = await query.where("job.id", ">", after).orderBy("job.id").limit(limit).execute();
      return rows.map(toJob);
    },
    async counts(project, filter = {}) {
      const rows = await selectJobs(db, project, filter)
        .select(["job.stage", "job.state"])
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .groupBy(["job.stage", "job.state"])
        .orderBy("job.stage")
        .orderBy("job.state")
        .execute();
      return rows as JobCount[];
    },
    async images(job) {
      const rows = await db
        .selectFrom("job_image")
        .selectAll()
        .where("job_id", "=", job)
        .orderBy("position")
        .execute();
      return rows.map(toJobImage);
    },
    imageCounts: (jobs) => countImages(db, jobs),
    assign: (person, id, assignee) =>
      changeJob(context, person, id, "update:job", async (trx, job) => {
        if (assignee !== null) await checkMember(trx, job.project, assignee);
        const reviewer = job.stage === "validation" ? { reviewer: assignee } : {};
        return updateJob(trx, job, now(), { assignee, pulled: 0, ...reviewer });
      }),
    distribute: (person, id, shares) => distribute(context, person, id, shares),
  };
}

/** Jobs page by page: those that are made meanwhile included. */
export async function* allJobs(
  jobs: Pick<Jobs, "list">,
  project: string,
  filter: Omit<JobFilter, "after">,
): AsyncGenerator<Job> {
  let after = "";
  for (;;) {
    const page = await jobs.list(project, { ...filter, after });
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.id;
  }
}

/** Jobs of tasks that are not deleted. */
function selectJobs(
  db: Db,
  project: string,
  { task, assignee }: { readonly task?: string | undefined; readonly assignee?: string | undefined },
) {
  let query = db
    .selectFrom("job")
    .innerJoin("task", "task.id", "job.task_id")
    .where("job.project_id", "=", project)
    .where("task.deleted_at", "is", null);
  if (task !== undefined) query = query.where("job.task_id", "=", task);
  if (assignee !== undefined) query = query.where("job.assignee", "=", assignee);
  return query;
}

async function checkMember(trx: Db, project: string, person: string): Promise<void> {
  const row = await trx
    .selectFrom("person")
    .leftJoin("member", (join) =>
      join.onRef("member.person_id", "=", "person.id").on("member.project_id", "=", project),
    )
    .select(["person.name", "member.role"])
    .where("person.id", "=", person)
    .executeTakeFirst();
  if (row?.role) return;
  throw new DataEngineError(
    "invalid",
    `${row ? `"${row.name}"` : `The person ${person.slice(0, 40)}`} is not a member of the project; invite them, or give them a role with segany engine users role.`,
  );
}

async function distribute(
  { db, now }: Context,
  person: string,
  id: string,
  shares: Readonly<Record<string, number>>,
): Promise<Record<string, number>> {
  const entries = Object.entries(shares).filter(([, share]) => share > 0);
  if (entries.length === 0 || !entries.every(([, share]) => Number.isFinite(share)))
    throw new DataEngineError("invalid", "Give at least one person a share above 0.");
  return db.transaction().execute(async (trx) => {
    const { project } = await getTask(trx, id);
    for (const [name] of entries) await checkMember(trx, project, name);
    const rows = await trx
      .selectFrom("job")
      .selectAll()
      .where("task_id", "=", id)
      .where("type", "=", "annotation")
      .where("state", "=", "new")
      .where("stage", "=", "annotation")
      .where("assignee", "is", null)
      .orderBy("rank")
      .execute();
    const given: Record<string, number> = Object.fromEntries(entries.map(([name]) => [name, 0]));
    for (const job of rows.map(toJob)) {
      // Whoever is farthest behind their share gets the next one.
      const [assignee] = entries.reduce((least, each) =>
        (given[each[0]]! + 1) / each[1] < (given[least[0]]! + 1) / least[1] ? each : least,
      );
      await updateJob(trx, job, now(), { assignee, pulled: 0 });
      given[assignee]!++;
    }
    await audit(trx, now(), { person, event: "distribute:task", project, object: id, details: given });
    return given;
  });
}
