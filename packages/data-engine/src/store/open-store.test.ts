import { execFile } from "node:child_process";
import { open, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { sql } from "kysely";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { audit } from "../audit.js";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { makeTemporaryFile } from "../testing/temporary-file.js";
import { newId } from "./ids.js";
import { openStore } from "./open-store.js";

onBothDatabases("a store", (open) => {
  it("keeps what was written, with numbers as numbers", async () => {
    const { db, now } = await open();
    const id = newId();
    await db
      .insertInto("person")
      .values({ id, name: "anna", password: null, administrator: 1, created_at: now(), disabled_at: null })
      .execute();
    const person = await db.selectFrom("person").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    expect(person).toEqual({
      id,
      name: "anna",
      password: null,
      administrator: 1,
      created_at: now(),
      disabled_at: null,
    });
    const { sum } = await db
      .selectFrom("person")
      .select((eb) => eb.fn.sum<number>("created_at").as("sum"))
      .executeTakeFirstOrThrow();
    expect(sum).toBe(now());
  });

  it("takes a whole transaction back", async () => {
    const { db } = await open();
    const failing = db.transaction().execute(async (trx) => {
      await audit(trx, 1, { person: null, event: "create:task", project: null, object: "a" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await db.selectFrom("audit_log").selectAll().execute()).toEqual([]);
  });

  it("numbers entries of the audit log in their order", async () => {
    const { db } = await open();
    for (const object of ["a", "b", "c"])
      await audit(db, 1, { person: null, event: "create:task", project: null, object });
    const entries = await db
      .selectFrom("audit_log")
      .select(["sequence", "object_id"])
      .orderBy("sequence")
      .execute();
    expect(entries).toEqual([
      { sequence: 1, object_id: "a" },
      { sequence: 2, object_id: "b" },
      { sequence: 3, object_id: "c" },
    ]);
  });

  it("refuses a job of no task", async () => {
    const { db } = await open();
    const row = { id: "s", person_id: "nobody", created_at: 1, expires_at: 2, secret_hash: "x" };
    const { id: _, ...session } = row;
    await expect(db.insertInto("session").values(session).execute()).rejects.toThrow(/foreign key/i);
  });

  it("refuses a database that a newer version wrote", async () => {
    const { store } = await open();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', 'now')`.execute(store.db);
    const { migrate } = await import("./migrate.js");
    await expect(migrate(store.db as never)).rejects.toMatchObject({
      code: "store-newer",
      message: expect.stringContaining("9999-later"),
    });
  });
});

describe("opening", () => {
  it("a file twice finds what the first one wrote", async () => {
    const file = await makeTemporaryFile("db.sqlite");
    const first = await openStore({ file });
    await audit(first.db, 1, { person: null, event: "create:task", project: null, object: "a" });
    const second = await openStore({ file });
    expect(await second.db.selectFrom("audit_log").select("object_id").execute()).toEqual([
      { object_id: "a" },
    ]);
    await Promise.all([first.close(), second.close()]);
  });

  it("by many processes at once migrates once", async () => {
    const file = await makeTemporaryFile("db.sqlite");
    const program = `import { openStore } from "@segany/data-engine";
      const store = await openStore({ file: ${JSON.stringify(file)} }); await store.close();`;
    const run = promisify(execFile);
    const args = ["--input-type=module", "-e", program];
    await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, args, { cwd: import.meta.dirname })),
    );
    const store = await openStore({ file });
    const done = await sql<{ name: string }>`select name from kysely_migration`.execute(store.db);
    const names = [
      "0001-tables",
      "0002-model-versions",
      "0003-order-indexes",
      "0004-stage-runs",
      "0005-image-doubt",
    ];
    expect(done.rows.map(({ name }) => name)).toEqual(names);
    await store.close();
  });

  it("acknowledges a change when the log is flushed, and lets others go on meanwhile", async () => {
    const file = await makeTemporaryFile("db.sqlite");
    const store = await openStore({ file });
    const log = await open(`${file}-wal`, "r+");
    const handle = Object.getPrototypeOf(log) as { datasync: () => Promise<void> };
    const flushes: (() => void)[] = [];
    const held = vi
      .spyOn(handle, "datasync")
      .mockImplementation(() => new Promise<void>((resolve) => void flushes.push(resolve)));
    onTestFinished(() => held.mockRestore());
    const entry = { person: null, event: "create:task", project: null };
    let acknowledged = 0;
    const write = (object: string) =>
      store.db
        .transaction()
        .execute((trx) => audit(trx, 1, { ...entry, object }))
        .then(() => acknowledged++);
    const count = async () => (await store.db.selectFrom("audit_log").select("object_id").execute()).length;
    const first = write("a");
    await expect.poll(() => flushes.length).toBe(1);
    expect(await count()).toBe(1); // reading waits for no flush
    const others = [write("b"), write("c")];
    await expect.poll(count).toBe(3);
    expect([acknowledged, flushes.length]).toEqual([0, 1]);
    flushes[0]!();
    await first;
    await expect.poll(() => flushes.length).toBe(2);
    expect(acknowledged).toBe(1);
    flushes[1]!();
    await Promise.all(others);
    expect(flushes).toHaveLength(2);
    held.mockRestore();
    await log.close();
    await store.close();
  });

  it("refuses a file that is no database", async () => {
    const file = await makeTemporaryFile("db.sqlite");
    await writeFile(
      file,
      "not a database at all, but long enough to have a header of a hundred bytes".repeat(4),
    );
    await expect(openStore({ file })).rejects.toMatchObject({ code: "store-failed" });
  });

  it("does not tell the password of a database that is not there", async () => {
    const opening = openStore({ url: "postgres://me:geheim@127.0.0.1:1/none" });
    await expect(opening).rejects.toMatchObject({ code: "store-failed" });
    await expect(opening).rejects.not.toThrow("geheim");
    await expect(opening).rejects.toThrow("127.0.0.1:1/none");
  });
});
