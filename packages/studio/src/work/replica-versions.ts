/** What several people made of an image without seeing each other's masks, for the reviewer who decides. */

import { rleToRuns } from "@segany/masks";
import type { EngineClient, EngineJob } from "../api/engine.js";
import { measureShape } from "../state/mask-shape.js";
import type { FoundMask } from "../state/types.js";

/** Most jobs that a page of the list has. */
const PAGE = 1000;

/** @returns the masks of all replicas of a job; none where it has no replicas */
export async function readVersions(
  engine: Pick<EngineClient, "listJobs" | "listAnnotations">,
  job: EngineJob,
  image: string,
): Promise<readonly FoundMask[]> {
  const replicas: string[] = [];
  let after: string | undefined;
  do {
    const query = { task: job.task, limit: PAGE, after };
    const page = await engine.listJobs({ params: { project: job.project }, query });
    replicas.push(...page.items.filter(({ parent }) => parent === job.id).map(({ id }) => id));
    after = page.after ?? undefined;
  } while (after !== undefined);
  const lists = await Promise.all(
    replicas.map((replica) => engine.listAnnotations({ params: { job: replica, image } })),
  );
  return lists.flatMap((list, i) =>
    list.map(({ mask, className }) => ({
      ...measureShape(rleToRuns(mask)),
      ...{ predictedIou: 1, stabilityScore: null, points: [], version: { className, number: i + 1 } },
    })),
  );
}
