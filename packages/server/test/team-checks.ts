/** For tests: what must be in the database after a server was killed while a team labelled. */
import { EMBED_TASK, openStore, type Store, type StoreLocation } from "@segany/data-engine";
import { expect } from "vitest";
import { ACTIVE_MS, type Ledger, persist, type SentRevision, type Target } from "./annotator.js";

/** All that was acknowledged is there, as it was sent, and nothing that was not sent. */
export async function checkLedger(location: StoreLocation, ledger: Ledger): Promise<void> {
  // First: what is acknowledged while the database is read may or may not be in what was read.
  const saved = new Map(ledger.saved);
  const finished = [...ledger.finished];
  const completed = [...ledger.completed];
  const store = await openStore(location);
  try {
    const stored = await readRevisions(store);
    expect(Object.fromEntries([...saved.keys()].map((id) => [id, stored.get(id)]))).toEqual(
      Object.fromEntries(saved),
    );
    for (const [id, revision] of stored) expect(revision).toEqual(ledger.sent.get(id));
    expect(await notIn(store, "finished", finished)).toEqual([]);
    expect(await notIn(store, "completed", completed)).toEqual([]);
  } finally {
    await store.close();
  }
}

async function readRevisions({ db }: Store): Promise<Map<string, SentRevision>> {
  const rows = await db
    .selectFrom("annotation_revision")
    .select(["change_id", "annotation_id", "number", "mask_json"])
    .execute();
  return new Map(
    rows.map(({ change_id, annotation_id, number, mask_json }) => [
      change_id,
      { annotation: annotation_id, number, counts: mask_json && JSON.parse(mask_json).counts },
    ]),
  );
}

/** Images or jobs that are not in the state that was acknowledged. */
async function notIn(
  { db }: Store,
  what: "finished" | "completed",
  acknowledged: readonly string[],
): Promise<readonly string[]> {
  const there = new Set<string>();
  if (what === "finished") {
    const rows = await db
      .selectFrom("job_image")
      .select(["job_id", "image_id"])
      .where("state", "=", "done")
      .execute();
    for (const { job_id, image_id } of rows) there.add(`${job_id} ${image_id}`);
  } else {
    const rows = await db.selectFrom("job").select("id").where("stage", "=", "validation").execute();
    for (const { id } of rows) there.add(id);
  }
  return acknowledged.filter((each) => !there.has(each));
}

interface Place {
  readonly target: Target;
  readonly owner: string;
  readonly project: string;
  readonly location: StoreLocation;
}

interface Expected {
  readonly ledger: Ledger;
  /** Ids of tasks whose making was acknowledged. */
  readonly tasks: readonly string[];
  /** Images of each task. */
  readonly images: number;
}

/**
 * No task, job or work of the machine was lost, all work was done, and nothing has its effects twice.
 *
 * @returns how much work of the machine there was, and how often it was begun
 */
export async function checkEnd(
  place: Place,
  { ledger, tasks, images }: Expected,
): Promise<{ readonly works: number; readonly attempts: number }> {
  const { target, owner, project, location } = place;
  await expect
    .poll(async () => {
      const { work } = await persist(target, owner, (client) =>
        client.getQueueHealth({ params: { project } }),
      );
      return work.map(({ kind, state }) => [kind, state]);
    })
    .toEqual([[EMBED_TASK, "done"]]);
  await checkLedger(location, ledger);
  const store = await openStore(location);
  try {
    await checkTasks(store, tasks, images);
    await checkSums(store);
    await checkAudit(store, ledger);
    const rows = await store.db.selectFrom("work_item").select("attempt").execute();
    return { works: rows.length, attempts: rows.reduce((sum, { attempt }) => sum + attempt, 0) };
  } finally {
    await store.close();
  }
}

/** A task whose answer was lost may be there too: making one again makes another. */
async function checkTasks({ db }: Store, tasks: readonly string[], images: number): Promise<void> {
  const there = (await db.selectFrom("task").select("id").execute()).map(({ id }) => id);
  expect(tasks.filter((id) => !there.includes(id))).toEqual([]);
  const work = await db.selectFrom("work_item").select(["payload_json", "result_json"]).execute();
  expect(work.map(({ payload_json }) => JSON.parse(payload_json).task).sort()).toEqual(there.sort());
  for (const { result_json } of work)
    expect(JSON.parse(result_json!)).toEqual({ done: images, unreadable: 0, left: 0, images });
  const inJobs = await db
    .selectFrom("job_image")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  expect(inJobs.count).toBe(there.length * images);
}

/** Statistics are the sums of the revisions: a change that was sent twice is counted once. */
async function checkSums({ db }: Store): Promise<void> {
  const revisions = await db.selectFrom("annotation_revision").select(["kind", "active_ms"]).execute();
  const count = (...kinds: string[]) => revisions.filter(({ kind }) => kinds.includes(kind)).length;
  const sums = await db
    .selectFrom("statistic")
    .select((eb) => [
      eb.fn.sum<number>("masks").as("masks"),
      eb.fn.sum<number>("edits").as("edits"),
      eb.fn.sum<number>("deletions").as("deletions"),
      eb.fn.sum<number>("clicks").as("clicks"),
      eb.fn.sum<number>("active_ms").as("activeMs"),
    ])
    .executeTakeFirstOrThrow();
  const drawn = count("create", "edit");
  expect(sums).toEqual({
    masks: count("create"),
    edits: count("edit", "restore"),
    deletions: count("delete") - count("restore"),
    clicks: drawn,
    activeMs: drawn * ACTIVE_MS,
  });
}

/** Each job was handed on once. */
async function checkAudit({ db }: Store, { completed }: Ledger): Promise<void> {
  const rows = await db
    .selectFrom("audit_log")
    .select("object_id")
    .where("event", "=", "complete:job")
    .execute();
  expect(rows.map(({ object_id }) => object_id).sort()).toEqual([...completed].sort());
}
