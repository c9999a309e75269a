import { sql } from "kysely";
import type { Db } from "../context.js";

/**
 * Puts the jobs of a run in the order of their images' mean doubt, the most doubtful first. A share of them,
 * chosen by their random ids, comes in a random order evenly among the others.
 *
 * @param randomShare 0 to 1
 */
export async function orderJobs(trx: Db, run: string, randomShare: number): Promise<void> {
  const randomBelow = Math.round(randomShare * 0x10000)
    .toString(16)
    .padStart(5, "0");
  const share = sql`cast(${randomShare} as double precision)`;
  await sql`
    with doubtful as (
      select job_id, avg(doubt) as doubt,
        case when '0' || substr(job_id, 33) < ${randomBelow} then 1 else 0 end as is_random
      from stage_run_image where run_id = ${run} and doubt is not null group by job_id
    ), placed as (
      select job_id, (row_number() over (
          partition by is_random
          order by case is_random when 1 then 0 else -doubt end, substr(job_id, 25, 8), job_id
        ) - 0.5) / case is_random when 1 then ${share} else 1 - ${share} end as place
      from doubtful
    ), ordered as (
      select job_id, row_number() over (order by place, job_id) - 1 as rank from placed
    )
    update job set rank = ordered.rank from ordered where job.id = ordered.job_id`.execute(trx);
}
