import { iouOfRuns, type MaskRuns, type Rle, rleToRuns, throwIfAborted } from "@segany/masks";
import { audit } from "../audit.js";
import type { Context } from "../context.js";
import { getProject } from "../projects/projects.js";
import type { Job } from "../work/job.js";
import { allJobs, createJobs } from "../work/jobs.js";
import type { Provenance } from "./annotation.js";
import { prefillImage } from "./prefill-image.js";

/** A mask that overlaps another by more is the same object. */
const SAME_OBJECT_IOU = 0.5;

/** A mask that a machine proposes. */
export interface ProposedMask {
  readonly mask: Rle;
  /** One of the project's classes. */
  readonly className: string;
  /** 0 to 1, by the machine's own measure. */
  readonly score: number;
}

export interface PrefillOptions {
  readonly project: string;
  /** A task's id; all tasks by default. */
  readonly task?: string;
  /**
   * Finds masks on an image.
   *
   * @returns undefined for an image that can't be read, which is passed over
   */
  readonly propose: (image: string) => Promise<readonly ProposedMask[] | undefined>;
  /** What proposes, kept with each mask: its engine and models. */
  readonly provenance: Omit<Provenance, "source">;
  /** Called after each image, with how many there are at most. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** What was pre-filled. */
export interface PrefillReport {
  /** Images that were looked at. */
  readonly images: number;
  /** New objects. */
  readonly masks: number;
  /** Proposals that were there already: as an object, one that somebody has deleted, or a better one. */
  readonly known: number;
  /** Images that somebody works on, or labelled in the meantime. */
  readonly busy: number;
  readonly unreadable: number;
}

/**
 * Adds masks that a machine proposes to the images that are still to be labelled, as objects of the source
 * `automatic`. What is there stays: nothing is changed or deleted, and a proposal that overlaps an object, or
 * a better proposal, by more than half is left out. Copies for consensus and ground truth are left alone. The
 * same proposal is stored once: a mask that somebody has deleted does not come back.
 *
 * @throws DataEngineError `not-found`, `invalid` for a mask or class that does not fit; `aborted`, between
 *   two images
 */
export async function prefillProject(
  context: Context,
  person: string,
  options: PrefillOptions,
): Promise<PrefillReport> {
  const project = await getProject(context.db, options.project);
  const places = await openPlaces(context, options);
  const run = JSON.stringify(options.provenance);
  const sums = { images: 0, masks: 0, known: 0, busy: 0, unreadable: 0 };
  for (const [index, { job, image }] of places.entries()) {
    throwIfAborted(options.signal);
    const proposed = await options.propose(image);
    if (proposed) {
      const place = { job: job.id, image, run, person, isSame };
      const masks = withoutWorse(proposed).map(({ score, ...mask }) => ({
        ...mask,
        provenance: { ...options.provenance, source: "automatic" as const, score },
      }));
      const added = await context.db
        .transaction()
        .execute((trx) => prefillImage(trx, context.now(), place, masks));
      sums.images++;
      if (added === undefined) sums.busy++;
      else {
        sums.masks += added.length;
        sums.known += proposed.length - added.length;
      }
    } else sums.unreadable++;
    options.onProgress?.(index + 1, places.length);
  }
  await audit(context.db, context.now(), {
    ...{ person, event: "prefill:project", project: project.id, object: options.task ?? project.id },
    details: { ...sums },
  });
  return sums;
}

interface OpenPlace {
  readonly job: Job;
  readonly image: string;
}

/** Images that are still to be labelled, each with its job. */
async function openPlaces(
  context: Context,
  { project, task }: Pick<PrefillOptions, "project" | "task">,
): Promise<OpenPlace[]> {
  const places: OpenPlace[] = [];
  for await (const job of allJobs(createJobs(context), project, {
    stage: "annotation",
    ...(task && { task }),
  })) {
    if (job.type !== "annotation" || job.state === "completed") continue;
    for (const { image, state } of await createJobs(context).images(job.id))
      if (state === "open") places.push({ job, image });
  }
  return places;
}

/** Whether a mask overlaps one of others by more than half. */
const isSame = (others: readonly MaskRuns[], mask: MaskRuns): boolean =>
  others.length > 0 && iouOfRuns([mask], others).some((iou) => iou > SAME_OBJECT_IOU);

/** Without those that overlap a better one. */
function withoutWorse(proposed: readonly ProposedMask[]): readonly ProposedMask[] {
  const kept: MaskRuns[] = [];
  return proposed
    .toSorted((a, b) => b.score - a.score)
    .filter(({ mask }) => {
      const runs = rleToRuns(mask);
      if (isSame(kept, runs)) return false;
      kept.push(runs);
      return true;
    });
}
