import type { Db } from "../context.js";

/** How far the images of a job are. */
export interface ImageCount {
  readonly job: string;
  readonly images: number;
  readonly open: number;
  readonly skipped: number;
  /** Why images were skipped; the first twenty. */
  readonly skips: readonly { readonly name: string; readonly reason: string }[];
}

/** Reasons that a list of people can take in. */
const MAX_SKIPS = 20;

/** In the order of the ids. */
export async function countImages(db: Db, jobs: readonly string[]): Promise<readonly ImageCount[]> {
  if (jobs.length === 0) return [];
  const counts = await db
    .selectFrom("job_image")
    .select((eb) => ["job_id", "state", eb.fn.countAll<number>().as("count")])
    .where("job_id", "in", jobs)
    .groupBy(["job_id", "state"])
    .execute();
  const skips = await db
    .selectFrom("job_image")
    .select(["job_id", "name", "skip_reason"])
    .where("job_id", "in", jobs)
    .where("state", "=", "skipped")
    .orderBy("position")
    .execute();
  return jobs.map((job) => {
    const own = counts.filter(({ job_id }) => job_id === job);
    const of = (state: string) => own.find((each) => each.state === state)?.count ?? 0;
    return {
      ...{ job, open: of("open"), skipped: of("skipped") },
      images: own.reduce((sum, { count }) => sum + count, 0),
      skips: skips
        .filter(({ job_id }) => job_id === job)
        .slice(0, MAX_SKIPS)
        .map(({ name, skip_reason }) => ({ name, reason: skip_reason ?? "" })),
    };
  });
}
