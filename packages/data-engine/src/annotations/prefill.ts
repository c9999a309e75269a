import { createHash } from "node:crypto";
import { iouOfRuns, type Rle, rleToRuns, throwIfAborted } from "@segany/masks";
import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import type { Project } from "../projects/project.js";
import { getProject } from "../projects/projects.js";
import type { Job } from "../work/job.js";
import { allJobs, createJobs } from "../work/jobs.js";
import type { AnnotationChange, Provenance } from "./annotation.js";
import { listAnnotations } from "./annotations.js";
import { storeChanges } from "./store-change.js";

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
  const sums = { images: 0, masks: 0, known: 0, busy: 0, unreadable: 0 };
  for (const [index, { job, image }] of places.entries()) {
    throwIfAborted(options.signal);
    const proposed = await options.propose(image);
    if (proposed) {
      const best = [...proposed].sort((a, b) => b.score - a.score);
      const changes = best.map((each) => toChange(job, image, each, options.provenance));
      const saved = await context.db
        .transaction()
        .execute((trx) => addTo(trx, { project, job, image, person, now: context.now() }, changes));
      sums.images++;
      if (saved === undefined) sums.busy++;
      else {
        sums.masks += saved;
        sums.known += changes.length - saved;
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

interface Where extends OpenPlace {
  readonly project: Project;
  readonly person: string;
  readonly now: number;
}

/** @returns the number of new objects; undefined if the image is somebody's now */
async function addTo(
  trx: Db,
  { image: id, job, now, ...where }: Where,
  changes: readonly PutChange[],
): Promise<number | undefined> {
  const free = await trx
    .selectFrom("job_image")
    .select("image_id")
    .where("job_id", "=", job.id)
    .where("image_id", "=", id)
    .where("state", "=", "open")
    .where((eb) => eb.or([eb("lock_person", "is", null), eb("lock_expires_at", "<=", now)]))
    .executeTakeFirst();
  if (!free) return undefined;
  const image = await trx.selectFrom("image").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const objects = (await listAnnotations(trx, job.id, id)).map(({ mask }) => rleToRuns(mask));
  const fresh: PutChange[] = [];
  for (const change of changes) {
    const runs = rleToRuns(change.mask);
    const ious = objects.length > 0 ? iouOfRuns([runs], objects) : [];
    if (ious.some((iou) => iou > SAME_OBJECT_IOU)) continue;
    objects.push(runs);
    fresh.push(change);
  }
  const before = await countRevisions(trx, fresh);
  await storeChanges(trx, { ...where, job, image, now }, fresh);
  return fresh.length - before;
}

/** How many of the changes were stored before. */
async function countRevisions(trx: Db, changes: readonly PutChange[]): Promise<number> {
  if (changes.length === 0) return 0;
  const ids = changes.map(({ change }) => change);
  const rows = await trx
    .selectFrom("annotation_revision")
    .select("change_id")
    .where("change_id", "in", ids)
    .execute();
  return rows.length;
}

type PutChange = AnnotationChange & { readonly kind: "put" };

/** The same proposal is the same change, and the same object. */
function toChange(
  { id: job }: Job,
  image: string,
  { mask, className, score }: ProposedMask,
  provenance: PrefillOptions["provenance"],
): PutChange {
  const [change, annotation] = ["change", "object"].map((what) =>
    uuidOf(JSON.stringify([what, job, image, className, mask, provenance])),
  );
  return {
    ...{ change: change!, annotation: annotation!, base: 0, kind: "put", mask, className },
    provenance: { ...provenance, source: "automatic", score },
  };
}

/** A UUID of the first 128 bits of a hash (version 8 of RFC 9562). */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
