import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDispatchedQueue, openS3BlobStore } from "@segany/cluster";
import { createWorkQueue, openStore } from "@segany/data-engine";
import { openLocalBlobStore } from "@segany/server/blobs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { findPostgres, startPostgres } from "../../../scripts/testing/postgres.mjs";
import { findRedis, startRedis } from "../../../scripts/testing/redis.mjs";
import { startS3rver } from "../../../scripts/testing/s3.mjs";
import { workLaws } from "../../data-engine/src/testing/work-laws.js";
import { startWorkerProcess } from "../../data-engine/src/testing/worker-process.js";
import { folderLaw } from "../../server/src/testing/folder-law.js";

const main = fileURLToPath(new URL("worker-main.mjs", import.meta.url));
const folderMain = fileURLToPath(new URL("folder-worker-main.mjs", import.meta.url));

describe.skipIf(!findPostgres() || !findRedis())("work of the machine, dispatched by BullMQ", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let databases = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.stop();
    await postgres?.stop();
  });

  /** With a database of Redis too: announcements of other tests would only be dropped, but later. */
  async function open() {
    const name = `test_${databases++}`;
    postgres.createDatabase(name);
    return { main, location: { url: postgres.url(name) }, redis: `${redis.url}/${databases % 16}` };
  }

  workLaws(open);

  folderLaw(async () => {
    const path = await mkdtemp(join(tmpdir(), "segany-folder-law-"));
    const store = await startS3rver();
    const address = `s3://${store.bucket}/data`;
    const { endpoint, credentials } = store;
    const blobs = await openS3BlobStore(address, {
      ...{ endpoint, credentials, cache: await openLocalBlobStore({ path }) },
    });
    onTestFinished(async () => {
      blobs.close();
      await store.stop();
      await rm(path, { recursive: true, force: true });
    });
    const files = (worker: number) => ({
      ...{ copies: join(path, `copies-${worker}`), address, endpoint, credentials },
    });
    return { ...(await open()), main: folderMain, files, blobs };
  });

  it("is all done although Redis is lost with all that was announced, and comes back empty", async () => {
    const engine = await open();
    const store = await openStore(engine.location);
    const states: string[] = [];
    const queue = createDispatchedQueue(createWorkQueue({ db: store.db, now: Date.now }), engine.redis, {
      onRedis: (state) => states.push(state),
    });
    onTestFinished(async () => {
      await queue.close();
      await store.close();
    });
    const submit = (from: number) =>
      queue.submitAll(Array.from({ length: 100 }, (_, i) => ({ kind: "count", payload: from + i })));
    await submit(0);
    const workers = ["a", "b", "c"].map((name) => startWorkerProcess(engine, name));
    await expect.poll(() => workers.some(({ events }) => events.includes("done"))).toBe(true);
    await redis.stop();
    await submit(100);
    await expect.poll(queue.counts).toEqual([{ kind: "count", state: "done", count: 200 }]);
    await redis.start();
    await submit(200);
    await expect.poll(queue.counts).toEqual([{ kind: "count", state: "done", count: 300 }]);
    for (const worker of workers) worker.signal("SIGTERM");
    for (const worker of workers) await worker.ended;
    const effects = await store.db.selectFrom("audit_log").select("object_id").execute();
    const done = effects.map(({ object_id }) => Number(object_id)).sort((a, b) => a - b);
    expect(done).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(states[0]).toBe("lost");
  });
});
