import { randomUUID } from "node:crypto";
import { areaOfRuns, interiorPoint, type MaskRuns, rleToRuns, runsToMask, runsToRle } from "@segany/masks";
import type { Annotation } from "../annotations/annotation.js";
import { listAnnotations } from "../annotations/annotations.js";
import { storeChanges } from "../annotations/store-change.js";
import type { Db } from "../context.js";
import { getProject } from "../projects/projects.js";
import { MACHINE } from "../store/machine.js";
import type { Job } from "../work/job.js";
import { addIssue } from "./issues.js";
import { majorityOf } from "./majority.js";
import { matchMasks } from "./match-masks.js";

interface LabelledMask {
  readonly runs: MaskRuns;
  readonly className: string | null;
}

/** Masks of one object, at most one of each replica. */
type Cluster = LabelledMask[];

/**
 * Merges the masks of all replicas into their parent job. An object that more than half of them labelled gets
 * the pixels and the class of the majority; where they disagree, an issue asks for a decision.
 */
export async function mergeReplicas(
  db: Db,
  now: number,
  parent: Job,
  replicas: readonly Job[],
): Promise<void> {
  const project = await getProject(db, parent.project);
  const images = await db
    .selectFrom("job_image")
    .innerJoin("image", "image.id", "job_image.image_id")
    .selectAll("image")
    .where("job_id", "=", parent.id)
    .orderBy("position")
    .execute();
  for (const image of images) {
    const lists: LabelledMask[][] = [];
    for (const { id } of replicas) lists.push((await listAnnotations(db, id, image.id)).map(toLabelled));
    for (const cluster of clusterMasks(lists, project.settings.agreementIou)) {
      const decided = decide(cluster, replicas.length);
      const annotation = decided.mask ? randomUUID() : undefined;
      if (decided.mask && annotation !== undefined)
        await storeChanges(db, { job: parent, project, image, person: MACHINE, now }, [
          {
            ...{ change: randomUUID(), annotation, base: 0, kind: "put" },
            ...{ mask: runsToRle(decided.mask.runs), className: decided.mask.className },
            provenance: { source: "merged", replicas: cluster.length, of: replicas.length },
          },
        ]);
      if (decided.question)
        await addIssue(db, now, MACHINE, {
          ...{ job: parent.id, image: image.id, text: decided.question },
          ...(annotation !== undefined && { annotation }),
          point: interiorPoint(runsToMask(cluster[0]!.runs)) ?? [0, 0],
        });
    }
  }
  await db.updateTable("job_image").set({ state: "done" }).where("job_id", "=", parent.id).execute();
}

const toLabelled = ({ mask, className }: Annotation): LabelledMask => ({ runs: rleToRuns(mask), className });

/** Groups masks of the same object: each list's masks join the group of the most similar first mask. */
export function clusterMasks(lists: readonly (readonly LabelledMask[])[], minIou: number): Cluster[] {
  const clusters: Cluster[] = [];
  for (const list of lists) {
    const heads = clusters.map(([first]) => first!.runs);
    const pairs = matchMasks(
      heads,
      list.map(({ runs }) => runs),
      minIou,
    );
    const joined = new Map(pairs.map(({ a, b }) => [b, a]));
    list.forEach((mask, i) => {
      const cluster = joined.get(i);
      if (cluster === undefined) clusters.push([mask]);
      else clusters[cluster]!.push(mask);
    });
  }
  return clusters;
}

interface Decision {
  readonly mask?: LabelledMask;
  /** What a person is to decide. */
  readonly question?: string;
}

function decide(cluster: Cluster, replicas: number): Decision {
  const [first, ...others] = cluster;
  const named = `${cluster.length} of ${replicas} labelled this`;
  if (cluster.length <= replicas / 2) return { question: `${named}. Is it an object?` };
  const runs = majorityOf([first!.runs, ...others.map((each) => each.runs)]);
  if (areaOfRuns(runs) === 0) return { question: `${named}, with no pixel in common. What is the object?` };
  const votes = countClasses(cluster);
  const [className, count] = votes[0]!;
  const mask = { runs, className };
  if (count > cluster.length / 2) {
    return cluster.length === replicas ? { mask } : { mask, question: `${named}. Is it an object?` };
  }
  const list = votes.map(([name, times]) => `${name ?? "no class"} (${times})`).join(", ");
  return { mask: { runs, className: null }, question: `The classes differ: ${list}. Which is right?` };
}

/** Most frequent first. */
function countClasses(cluster: Cluster): (readonly [className: string | null, count: number])[] {
  const counts = new Map<string | null, number>();
  for (const { className } of cluster) counts.set(className, (counts.get(className) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
