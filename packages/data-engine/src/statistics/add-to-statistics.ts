import type { Db } from "../context.js";

/** What a change of masks adds to the sums of its day. Only deletions can be negative: of restored masks. */
export interface StatisticsChange {
  readonly project: string;
  /** Time of the change, milliseconds since 1970. */
  readonly at: number;
  readonly person: string;
  /** `manual`, `semi-automatic` or `automatic`. */
  readonly source: string;
  /** Name and hash of the model; "" without one. */
  readonly model: string;
  /** The job's stage. "annotation" by default. */
  readonly stage?: string;
  /** null, the default, for masks without a class. */
  readonly className?: string | null;
  /** Masks that were created. */
  readonly masks: number;
  readonly edits: number;
  readonly deletions: number;
  readonly clicks: number;
  /** Milliseconds of work, without idle time. */
  readonly activeMs: number;
}

const DAY_MS = 86_400_000;

/** @returns the day of a time in UTC, in days since 1970 */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/**
 * Adds a change to the sums of its day. Call it in the transaction that stores the change, so that the sums
 * are those of the stored masks. A transaction that adds to several sums adds in an order that is the same
 * everywhere, else two transactions could wait for each other.
 */
export async function addToStatistics(db: Db, change: StatisticsChange): Promise<void> {
  await db
    .insertInto("statistic")
    .values({
      project_id: change.project,
      day: dayOf(change.at),
      person_id: change.person,
      source: change.source,
      model: change.model,
      stage: change.stage ?? "annotation",
      class_name: change.className ?? "",
      masks: change.masks,
      edits: change.edits,
      deletions: change.deletions,
      clicks: change.clicks,
      active_ms: change.activeMs,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["project_id", "day", "person_id", "source", "model", "stage", "class_name"])
        .doUpdateSet((eb) => ({
          masks: eb("statistic.masks", "+", eb.ref("excluded.masks")),
          edits: eb("statistic.edits", "+", eb.ref("excluded.edits")),
          deletions: eb("statistic.deletions", "+", eb.ref("excluded.deletions")),
          clicks: eb("statistic.clicks", "+", eb.ref("excluded.clicks")),
          active_ms: eb("statistic.active_ms", "+", eb.ref("excluded.active_ms")),
        })),
    )
    .execute();
}
