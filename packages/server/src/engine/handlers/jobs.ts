import type { LockKey } from "@segany/data-engine";
import type { jobRoutes } from "../../contract/engine/jobs.js";
import type { EngineParts } from "../../database/open-engine.js";
import type { EngineHandlers } from "../call.js";
import type { Caller } from "../identify.js";
import { defined } from "./defined.js";
import { toPage } from "./page.js";

/** Jobs, the queue, and locks on images. */
export const jobHandlers: EngineHandlers<typeof jobRoutes> = {
  async listJobs({ parts, caller, params, query }) {
    const filter = { ...defined(query), ...(await ownJobs(parts, caller, params)) };
    return toPage(await parts.jobs.list(params.project, filter), query);
  },
  async countJobImages({ parts, caller, params, query }) {
    const filter = { ...defined(query), ...(await ownJobs(parts, caller, params)) };
    const { items, after } = toPage(await parts.jobs.list(params.project, filter), query);
    return { items: await parts.jobs.imageCounts(items.map(({ id }) => id)), after };
  },
  async countJobs({ parts, caller, params, query }) {
    return parts.jobs.counts(params.project, {
      ...defined(query),
      ...(await ownJobs(parts, caller, params)),
    });
  },
  getJob: ({ parts: { jobs }, params }) => jobs.get(params.job),
  listJobImages: ({ parts: { jobs }, params }) => jobs.images(params.job),
  assignJob: ({ parts: { jobs }, caller, params, body }) =>
    jobs.assign(caller.person.id, params.job, body.assignee),
  completeJob: ({ parts: { transitions }, caller, params }) =>
    transitions.complete(caller.person.id, params.job),
  acceptJob: ({ parts: { transitions }, caller, params }) => transitions.accept(caller.person.id, params.job),
  rejectJob: ({ parts: { transitions }, caller, params, body }) =>
    transitions.reject(caller.person.id, params.job, body.comment),

  async nextImage({ parts: { queue }, caller, params }) {
    return { lock: (await queue.next(caller.person.id, params.project)) ?? null };
  },
  async nextReview({ parts: { queue }, caller, params }) {
    return { job: (await queue.nextReview(caller.person.id, params.project)) ?? null };
  },

  takeLock: ({ parts: { locks }, caller, params }) => locks.take(caller.person.id, params.job, params.image),
  keepLock: ({ parts: { locks }, caller, params, body }) => locks.heartbeat(lockKey(caller, params, body)),
  async releaseLock({ parts: { locks }, caller, params, query }) {
    await locks.release(lockKey(caller, params, query));
  },
  finishImage: ({ parts: { locks }, caller, params, body }) => locks.done(lockKey(caller, params, body)),
  skipImage: ({ parts: { locks }, caller, params, body }) =>
    locks.skip(lockKey(caller, params, body), body.reason),
};

/** A worker sees the own jobs only. */
async function ownJobs(
  { access }: EngineParts,
  { person }: Caller,
  { project }: { readonly project: string },
): Promise<{ readonly assignee?: string }> {
  const { role } = await access.standing(person, "project", project);
  return role === "worker" ? { assignee: person.id } : {};
}

/** A lock is always the caller's own. */
export function lockKey(
  { person }: Caller,
  { job, image }: { readonly job: string; readonly image: string },
  { number }: { readonly number: number },
): LockKey {
  return { job, image, person: person.id, number };
}
