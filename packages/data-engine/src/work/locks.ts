import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { getProject } from "../projects/projects.js";
import { getJob, type Job, type JobImage, toJobImage, updateJob } from "./job.js";

/** The right to work on an image of a job, for one person and a while. */
export interface ImageLock {
  readonly job: string;
  readonly image: string;
  readonly person: string;
  /** Grows with each lock of this image: a lock that another took over has a smaller number. */
  readonly number: number;
  readonly expiresAt: number;
}

/** What identifies a lock in later calls. */
export type LockKey = Pick<ImageLock, "job" | "image" | "person" | "number">;

export interface Locks {
  /**
   * Takes the image for the job's assignee. The person's own lock is taken anew, and earlier ones end.
   *
   * @throws DataEngineError `forbidden` unless the person is the assignee; `lock-lost` if another holds it
   */
  take(person: string, job: string, image: string): Promise<ImageLock>;
  /** Keeps the lock, also one that expired but was not taken. @throws DataEngineError `lock-lost` */
  heartbeat(lock: LockKey): Promise<ImageLock>;
  /** Gives the image back. A lock that was lost already is no error. */
  release(lock: LockKey): Promise<void>;
  /**
   * Marks the image as labelled, and gives it back. Harmless if repeated, by a client that got no answer.
   *
   * @throws DataEngineError `lock-lost`
   */
  done(lock: LockKey): Promise<JobImage>;
  /** Leaves the image out, and says why. @throws DataEngineError `lock-lost`, `invalid` without a reason */
  skip(lock: LockKey, reason: string): Promise<JobImage>;
}

export function createLocks({ db, now }: Context): Locks {
  return {
    take: (person, id, image) =>
      db.transaction().execute(async (trx) => {
        const job = await getJob(trx, id);
        if (job.assignee !== person)
          throw new DataEngineError("forbidden", "The job is not assigned to you; ask for it, or pull one.");
        return takeLock(trx, now(), job, image);
      }),
    heartbeat: (key) => db.transaction().execute(async (trx) => renewLock(trx, now(), key)),
    async release(key) {
      await atLock(
        db.updateTable("job_image").set({ lock_person: null, lock_expires_at: null }),
        key,
      ).execute();
    },
    done: (key) => close(key, { state: "done", skip_reason: null }),
    async skip(key, reason) {
      if (reason.trim() === "") throw new DataEngineError("invalid", "Say why the image is skipped.");
      return close(key, { state: "skipped", skip_reason: reason.trim() });
    },
  };

  async function close(key: LockKey, change: { state: "done" | "skipped"; skip_reason: string | null }) {
    const query = db.updateTable("job_image").set({ ...change, lock_person: null, lock_expires_at: null });
    const row =
      (await atLock(query, key).returningAll().executeTakeFirst()) ?? (await closedBy(db, key, change.state));
    if (!row) throw await lockLost(db, key);
    return toJobImage(row);
  }
}

/** The row of the image if this lock was the last one and ended in the state. */
function closedBy(db: Db, { job, image, number }: LockKey, state: "done" | "skipped") {
  return db
    .selectFrom("job_image")
    .selectAll()
    .where("job_id", "=", job)
    .where("image_id", "=", image)
    .where("lock_person", "is", null)
    .where("lock_number", "=", number)
    .where("state", "=", state)
    .executeTakeFirst();
}

/** Limits a query to the row of the lock, if the lock is still the person's. */
function atLock<Q extends { where(column: never, operator: "=", value: never): Q }>(
  query: Q,
  key: LockKey,
): Q {
  const { job, image, person, number } = key;
  const conditions = { job_id: job, image_id: image, lock_person: person, lock_number: number };
  return Object.entries(conditions).reduce(
    (narrowed, [column, value]) => narrowed.where(column as never, "=", value as never),
    query,
  );
}

/** Takes the image, if no other person holds it. @throws DataEngineError `lock-lost`, `not-found` */
export async function takeLock(trx: Db, now: number, job: Job, image: string): Promise<ImageLock> {
  const { settings } = await getProject(trx, job.project);
  const person = job.assignee!;
  const row = await trx
    .updateTable("job_image")
    .set((eb) => ({
      lock_person: person,
      lock_expires_at: now + settings.lockMs,
      lock_number: eb("lock_number", "+", 1),
    }))
    .where("job_id", "=", job.id)
    .where("image_id", "=", image)
    .where((eb) =>
      eb.or([
        eb("lock_person", "is", null),
        eb("lock_person", "=", person),
        eb("lock_expires_at", "<=", now),
      ]),
    )
    .returningAll()
    .executeTakeFirst();
  if (!row) throw await lockLost(trx, { job: job.id, image, person, number: 0 });
  if (job.state === "new") await updateJob(trx, job, now, { state: "in progress" });
  return { job: job.id, image, person, number: row.lock_number, expiresAt: row.lock_expires_at! };
}

/** @throws DataEngineError `lock-lost` */
export async function renewLock(trx: Db, now: number, key: LockKey): Promise<ImageLock> {
  const { project } = await getJob(trx, key.job);
  const { settings } = await getProject(trx, project);
  const expiresAt = now + settings.lockMs;
  const row = await atLock(trx.updateTable("job_image").set({ lock_expires_at: expiresAt }), key)
    .returning("lock_number")
    .executeTakeFirst();
  if (!row) throw await lockLost(trx, key);
  return { ...key, expiresAt };
}

/** The error for a lock that is not there, with who has the image. */
async function lockLost(db: Db, { job, image, person }: LockKey): Promise<DataEngineError> {
  const row = await db
    .selectFrom("job_image")
    .leftJoin("person", "person.id", "job_image.lock_person")
    .select(["person.name", "lock_person"])
    .where("job_id", "=", job)
    .where("image_id", "=", image)
    .executeTakeFirst();
  if (!row) return new DataEngineError("not-found", `The job ${job} has no image ${image}.`);
  const others = row.name === null ? "it was given back" : `${row.name} works on it`;
  const holder = row.lock_person === person ? "you opened it again, perhaps in another window" : others;
  return new DataEngineError("lock-lost", `You don't hold the image any more: ${holder}.`);
}
