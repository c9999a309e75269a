import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { openTeam } from "../testing/team.js";
import { orderJobs } from "./order-jobs.js";

const JOBS = 40;

onBothDatabases("active order", (open) => {
  /** Jobs with two images each, of the doubts 0 and 2i / JOBS: the mean is i / JOBS. @returns jobs by rank */
  async function order(randomShare: number): Promise<readonly number[]> {
    const { engine, project, people, addTask, db } = await openTeam(open);
    await addTask(2 * JOBS + 2, { imagesPerJob: 2 });
    const run = await engine.stages.begin(people.olga, project, 2, { order: "active", images: 2 * JOBS });
    const places = await db
      .selectFrom("stage_run_image")
      .innerJoin("job", "job.id", "stage_run_image.job_id")
      .select(["job_id", "image_id", "job.rank"])
      .orderBy("rank")
      .orderBy("image_id")
      .execute();
    expect(places.map(({ rank }) => rank)).toEqual(places.map((_, i) => Math.floor(i / 2)));
    for (const [i, { job_id, image_id, rank }] of places.entries())
      await db
        .updateTable("stage_run_image")
        .set({ doubt: i % 2 === 0 ? 0 : (2 * rank) / JOBS })
        .where("run_id", "=", run.id)
        .where("job_id", "=", job_id)
        .where("image_id", "=", image_id)
        .execute();
    const given = new Map(places.map(({ job_id, rank }) => [job_id, rank]));
    await orderJobs(db, run.id, randomShare);
    const rows = await db.selectFrom("job").select(["id", "rank"]).orderBy("rank").execute();
    const ordered = rows.filter(({ id }) => given.has(id));
    expect(ordered.map(({ rank }) => rank)).toEqual(ordered.map((_, i) => i));
    // The last job was not part of the run, and keeps its place.
    expect(rows.find(({ id }) => !given.has(id))?.rank).toBe(JOBS);
    return ordered.map(({ id }) => given.get(id)!);
  }

  const downwards = Array.from({ length: JOBS }, (_, i) => JOBS - 1 - i);

  it("gives the most doubtful images first", async () => {
    expect(await order(0)).toEqual(downwards);
  });

  it("has others among them", async () => {
    const ordered = await order(0.5);
    expect(new Set(ordered).size).toBe(JOBS);
    // Every job that is not in the order of doubt is one of the random ones; take those away.
    const doubtful = longestFall(ordered);
    expect(JOBS - doubtful).toBeGreaterThan(4);
    expect(doubtful).toBeGreaterThan(8);
  });

  it("is a random one if all are", async () => {
    const ordered = await order(1);
    expect(new Set(ordered).size).toBe(JOBS);
    expect(longestFall(ordered)).toBeLessThan(JOBS / 2);
  });
});

/** Length of the longest falling subsequence. */
function longestFall(values: readonly number[]): number {
  const lengths: number[] = [];
  for (const [i, value] of values.entries())
    lengths[i] = 1 + Math.max(0, ...lengths.filter((_, j) => values[j]! > value));
  return Math.max(...lengths);
}
