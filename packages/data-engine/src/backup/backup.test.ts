import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { audit } from "../audit.js";
import type { Context } from "../context.js";
import { openStore } from "../store/open-store.js";
import { onBothDatabases, START } from "../testing/on-both-databases.js";
import { boxMask, openTeam } from "../testing/team.js";
import { makeTemporaryFile } from "../testing/temporary-file.js";
import { createWorkQueue } from "../work-items/create-work-queue.js";
import { createBackup, hashContent } from "./backup.js";
import { restoreBackup } from "./restore.js";
import { BACKUP_PARTS, readColumns } from "./tables.js";

const pieces = async function* (bytes: Uint8Array, size = 1000) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
};

const openSqlite = async (): Promise<Context> => {
  const { db, close } = await openStore({ file: await makeTemporaryFile("db.sqlite") });
  onTestFinished(close);
  return { db, now: () => START };
};

onBothDatabases("a backup", (open) => {
  /** A team's work, with jobs that refer to jobs, texts of every kind and numbers that are no integers. */
  async function openFilled() {
    const team = await openTeam(open, { name: "früh 🍐 \u0000'\n".replace("\u0000", "") });
    await team.addTask(3);
    const lock = (await team.engine.queue.next(team.people.anna, team.project))!;
    await team.label(lock, boxMask(1, 1, 5, 5));
    await createWorkQueue(team).submit({ kind: "export", project: team.project, payload: { a: [1, null] } });
    const job = await team.db.selectFrom("job").selectAll().executeTakeFirstOrThrow();
    await team.db
      .insertInto("job")
      .values({ ...job, id: "0-sorts-before-its-parent", parent_id: job.id })
      .execute();
    await team.db
      .insertInto("review_issue")
      .values({
        ...{ id: "i", job_id: job.id, image_id: lock.image, annotation_id: null, x: 0.1, y: 1e-7 },
        ...{ created_by: team.people.anna, created_at: START, resolved_at: null, resolved_by: null },
      })
      .execute();
    return team;
  }

  it("has every table", async () => {
    const columns = await readColumns((await open()).db);
    expect([...new Set(BACKUP_PARTS.map(({ table }) => table))].sort()).toEqual([...columns.keys()].sort());
  });

  it("restores all of it in either database, with the same hash", async () => {
    const from = await openFilled();
    const file = await buffer(createBackup(from));
    const before = await hashContent(from);
    expect(before.counts).toMatchObject({
      person: 5,
      image: 3,
      annotation: 1,
      work_item: 2,
      review_issue: 1,
    });
    for (const to of [await open(), await openSqlite()]) {
      expect(await restoreBackup(to, pieces(file))).toEqual(before);
      expect(await hashContent(to)).toEqual(before);
      expect(await to.db.selectFrom("audit_log").selectAll().orderBy("sequence").execute()).toEqual(
        await from.db.selectFrom("audit_log").selectAll().orderBy("sequence").execute(),
      );
      await audit(to.db, START, { person: null, event: "create:task", project: null, object: "next" });
      const { last } = await to.db
        .selectFrom("audit_log")
        .select((eb) => eb.fn.max("sequence").as("last"))
        .executeTakeFirstOrThrow();
      expect(last).toBe(before.counts.audit_log! + 1);
    }
  });

  it("of an empty database restores an empty one", async () => {
    const file = await buffer(createBackup(await open()));
    const to = await open();
    await restoreBackup(to, pieces(file));
    await audit(to.db, START, { person: null, event: "create:task", project: null, object: "first" });
    expect(await to.db.selectFrom("audit_log").select("sequence").execute()).toEqual([{ sequence: 1 }]);
  });

  it("is not restored over something", async () => {
    const from = await openFilled();
    const file = await buffer(createBackup(from));
    await expect(restoreBackup(from, pieces(file))).rejects.toMatchObject({ code: "conflict" });
  });

  it("leaves nothing of a damaged file", async () => {
    const file = await buffer(createBackup(await openFilled()));
    const to = await open();
    const before = await hashContent(to);
    const lines = gunzipSync(file).toString().trimEnd().split("\n");
    const packed = (changed: readonly string[]) => gzipSync(`${changed.join("\n")}\n`);
    const bad = {
      "cut short": file.subarray(0, file.length - 100),
      "with a bit changed": flipBit(file, file.length >> 1),
      "without its end": packed(lines.slice(0, -1)),
      "without a row": packed(lines.filter((line) => !line.includes("früh"))),
      "with another value": packed(lines.map((line) => line.replace("früh", "spät"))),
      "with a table of ours": packed(
        lines.map((line) => line.replace('"table":"image"', '"table":"kysely_migration"')),
      ),
      "that is none": randomBytes(500),
      empty: Buffer.alloc(0),
      "of another program": gzipSync('{"format":"other"}\n'),
    };
    for (const [name, bytes] of Object.entries(bad))
      await expect(restoreBackup(to, pieces(bytes)), name).rejects.toMatchObject({ code: "invalid" });
    expect(await hashContent(to)).toEqual(before);
  });

  it("of a newer version is refused", async () => {
    const to = await open();
    const [header, ...rest] = gunzipSync(await buffer(createBackup(await open())))
      .toString()
      .split("\n");
    for (const newer of [{ version: 2 }, { migrations: ["0001-tables", "9999-later"] }]) {
      const file = gzipSync([JSON.stringify({ ...JSON.parse(header!), ...newer }), ...rest].join("\n"));
      await expect(restoreBackup(to, pieces(file))).rejects.toMatchObject({ code: "store-newer" });
    }
  });
});

describe("making a backup", () => {
  it("keeps others from nothing, and has what was there at its start", async () => {
    const file = await makeTemporaryFile("db.sqlite");
    const [store, second] = [await openStore({ file }), await openStore({ file })];
    const add = async (object: string) =>
      audit(store.db, START, { person: null, event: "create:task", project: null, object });
    for (let i = 0; i < 2000; i++) await add(randomBytes(500).toString("hex"));
    const bytes = createBackup({ db: second.db, now: () => START });
    const chunks = [];
    for await (const chunk of bytes) {
      if (chunks.length === 0) await add("late");
      chunks.push(chunk);
    }
    const text = gunzipSync(Buffer.concat(chunks)).toString();
    expect(JSON.parse(text.trimEnd().split("\n").at(-1)!).counts).toEqual({ person: 1, audit_log: 2000 });
    expect((await hashContent({ db: store.db, now: () => START })).counts).toEqual({
      person: 1,
      audit_log: 2001,
    });
    await Promise.all([store.close(), second.close()]);
  });
});

function flipBit(bytes: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = changed[at]! ^ 1;
  return changed;
}
