import { sql } from "kysely";
import type { Context, Db } from "../context.js";
import { type QueueHealth, readQueueHealth } from "./queue-health.js";
import { daysOf, keyOf, type StatisticsFilter } from "./statistics-key.js";

/** Sums of one group. */
export interface StatisticsRow {
  /** Id of the person, name of the source, model, stage or class ("" without one), or date (2026-06-01). */
  readonly key: string;
  /** Masks that were created. */
  readonly masks: number;
  readonly edits: number;
  /** Masks that were deleted and not restored. */
  readonly deletions: number;
  readonly clicks: number;
  /** Milliseconds of work, without idle time. */
  readonly activeMs: number;
  /** null without a mask. */
  readonly secondsPerMask: number | null;
  readonly clicksPerMask: number | null;
}

/** A project as a whole. */
export interface StatisticsOverview extends Omit<StatisticsRow, "key"> {
  /** Images of the annotation jobs of tasks that are not deleted, by state. */
  readonly images: { readonly open: number; readonly done: number; readonly skipped: number };
  /**
   * Mean number of masks that a labelled image of these jobs has now; null without one. With more than 2000
   * labelled images it is the mean of 2000 of them, drawn by their hash.
   */
  readonly masksPerImage: number | null;
}

/** How much was labelled, how fast, by whom. */
export interface Statistics {
  overview(project: string): Promise<StatisticsOverview>;
  /** In the order of the keys. @throws DataEngineError `invalid` for a period that ends before it starts */
  list(project: string, filter: StatisticsFilter): Promise<readonly StatisticsRow[]>;
  /** What waits, of a project. */
  queueHealth(project: string): Promise<QueueHealth>;
}

export function createStatistics({ db, now }: Context): Statistics {
  return {
    overview: (project) => readOverview(db, project),
    list: (project, filter) => listStatistics(db, project, filter),
    queueHealth: (project) => readQueueHealth(db, project, now()),
  };
}

const COLUMNS = {
  person: "person_id",
  source: "source",
  model: "model",
  stage: "stage",
  class: "class_name",
  day: "day",
  week: "day",
} as const;

async function listStatistics(
  db: Db,
  project: string,
  { by, ...period }: StatisticsFilter,
): Promise<readonly StatisticsRow[]> {
  const { first, last } = daysOf(period);
  let query = db
    .selectFrom("statistic")
    .where("project_id", "=", project)
    .select(COLUMNS[by])
    .select(sumsOf)
    .groupBy(COLUMNS[by])
    .orderBy(COLUMNS[by]);
  if (first !== undefined) query = query.where("day", ">=", first);
  if (last !== undefined) query = query.where("day", "<=", last);
  const rows = (await query.execute()) as (Sums & Readonly<Record<string, string | number>>)[];
  const keyed = rows.map((row) => ({ ...row, key: keyOf(by, row[COLUMNS[by]]!) }));
  return mergeKeys(keyed).map(({ key, ...sums }) => ({ key, ...toRates(sums) }));
}

interface Sums {
  readonly masks: number;
  readonly edits: number;
  readonly deletions: number;
  readonly clicks: number;
  readonly active_ms: number;
}

const SUMS = ["masks", "edits", "deletions", "clicks", "active_ms"] as const;

function sumsOf() {
  return SUMS.map((name) => sql<number>`coalesce(sum(${sql.ref(name)}), 0)`.as(name));
}

/** Sums neighbours of one key: the days of a week. */
function mergeKeys(rows: readonly (Sums & { readonly key: string })[]): (Sums & { readonly key: string })[] {
  const merged: (Sums & { readonly key: string })[] = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last?.key !== row.key) merged.push(row);
    else
      merged[merged.length - 1] = {
        key: row.key,
        masks: last.masks + row.masks,
        edits: last.edits + row.edits,
        deletions: last.deletions + row.deletions,
        clicks: last.clicks + row.clicks,
        active_ms: last.active_ms + row.active_ms,
      };
  }
  return merged;
}

function toRates({ masks, edits, deletions, clicks, active_ms }: Sums): Omit<StatisticsRow, "key"> {
  return {
    ...{ masks, edits, deletions, clicks, activeMs: active_ms },
    secondsPerMask: masks === 0 ? null : active_ms / 1000 / masks,
    clicksPerMask: masks === 0 ? null : clicks / masks,
  };
}

async function readOverview(db: Db, project: string): Promise<StatisticsOverview> {
  const sums = (await db
    .selectFrom("statistic")
    .where("project_id", "=", project)
    .select(sumsOf)
    .executeTakeFirstOrThrow()) as Sums;
  const states = await db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .innerJoin("task", "task.id", "job.task_id")
    .where("task.deleted_at", "is", null)
    .where("job.project_id", "=", project)
    .where("job.type", "=", "annotation")
    .select((eb) => ["job_image.state", eb.fn.countAll<number>().as("count")])
    .groupBy("job_image.state")
    .execute();
  const images = {
    open: 0,
    done: 0,
    skipped: 0,
    ...Object.fromEntries(states.map((s) => [s.state, s.count])),
  };
  const masksPerImage = images.done === 0 ? null : await meanMasks(db, project);
  return { ...toRates(sums), images, masksPerImage };
}

/** Labelled images whose masks are counted. */
const SAMPLE = 2000;

async function meanMasks(db: Db, project: string): Promise<number> {
  const chosen = db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .innerJoin("task", "task.id", "job.task_id")
    .where("task.deleted_at", "is", null)
    .where("job.project_id", "=", project)
    .where("job.type", "=", "annotation")
    .where("job_image.state", "=", "done")
    .select(["job_image.job_id", "job_image.image_id"])
    .orderBy("job_image.image_id")
    .limit(SAMPLE);
  const { masks, images } = await db
    .selectFrom(chosen.as("chosen"))
    .select((eb) => eb.fn.countAll<number>().as("images"))
    .select(
      sql<number>`coalesce(sum((select count(*) from annotation where annotation.job_id = chosen.job_id
        and annotation.image_id = chosen.image_id and annotation.deleted_at is null)), 0)`.as("masks"),
    )
    .executeTakeFirstOrThrow();
  return Number(masks) / images;
}
