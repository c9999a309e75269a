import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openS3BlobStore } from "@segany/cluster";
import { openDataEngine } from "@segany/data-engine";
import { openLocalBlobStore } from "@segany/server/blobs";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { findPostgres, startPostgres } from "../../../scripts/testing/postgres.mjs";
import { findRedis, startRedis } from "../../../scripts/testing/redis.mjs";
import { startS3rver } from "../../../scripts/testing/s3.mjs";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const IMAGES = 2;

describe("segany worker", () => {
  it("says what it needs", async () => {
    const printed = async (...args: string[]) => (await workplace.run("worker", ...args)).stderr;
    const database = ["--database-url", "postgres://127.0.0.1:1/none"];
    expect(await printed()).toContain("--database-url");
    expect(await printed(...database)).toContain("--blobs");
    expect(await printed(...database, "--blobs", "bucket/x")).toContain("[address-invalid]");
    const redis = ["--redis-url", "http://127.0.0.1"];
    expect(await printed(...database, "--blobs", "s3://bucket", ...redis)).toContain("[address-invalid]");
    expect(await printed("--concurrency", "0")).toContain("--concurrency");
  });

  it("needs a database for files that are shared, and files for Redis", async () => {
    const serve = (...args: string[]) => workplace.run("serve", "--port", "0", ...args);
    for (const args of [
      ["--blobs", "s3://bucket"],
      ["--redis-url", "redis://127.0.0.1:1"],
    ])
      expect(await serve(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(args[0]) });
  });
});

describe.skipIf(!findPostgres() || !findRedis())("machines that share work", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let store: Awaited<ReturnType<typeof startS3rver>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    [postgres, redis, store] = [await startPostgres(), await startRedis(), await startS3rver()];
    postgres.createDatabase("segany");
    env = {
      DATABASE_URL: postgres.url("segany"),
      REDIS_URL: redis.url,
      AWS_ENDPOINT_URL_S3: store.endpoint,
      AWS_ACCESS_KEY_ID: store.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
    };
  });
  afterAll(async () => {
    await store?.stop();
    await redis?.stop();
    await postgres?.stop();
  });

  const blobs = () => ["--blobs", `s3://${store.bucket}/data`];

  /** Starts a command, and gives the line that it prints when it is ready. */
  async function startUntil(pattern: RegExp, ...args: string[]) {
    const child = workplace.startWith(env, ...args);
    let printed = "";
    child.stdout!.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
    child.stderr!.setEncoding("utf8").on("data", (text) => {
      printed += text;
    });
    const ended = once(child, "close");
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await ended;
    });
    await expect.poll(() => child.exitCode !== null || pattern.test(printed)).toBe(true);
    const [, found] = pattern.exec(printed) ?? [];
    if (found === undefined) throw new Error(printed);
    const stop = async () => {
      child.kill("SIGTERM");
      return (await ended)[0] as number | null;
    };
    return { found, stop, printed: () => printed };
  }

  async function deleteFile(id: string) {
    const cache = await openLocalBlobStore({ path: join(workplace.path, "test-copies") });
    const { endpoint, credentials, bucket } = store;
    const files = await openS3BlobStore(`s3://${bucket}/data`, { cache, endpoint, credentials });
    expect(await files.list("embeddings")).toHaveLength(3 * (IMAGES + 1));
    await files.delete(`images/${id}/file`);
    files.close();
  }

  async function makeTask() {
    mkdirSync(join(workplace.path, "photos"));
    for (let i = 0; i < IMAGES; i++) {
      const image = sharp({ create: { width: 64 + i, height: 48, channels: 3, background: "#a63" } });
      writeFileSync(join(workplace.path, "photos", `${i}.png`), await image.png().toBuffer());
    }
    copyFileSync(join(workplace.path, "photo.jpg"), join(workplace.path, "photos", "still-life.jpg"));
    const made = await workplace.runWith(env, "engine", "init", "photos", ...blobs());
    expect(made).toMatchObject({ status: 0 });
    const engine = await openDataEngine({ url: env.DATABASE_URL! });
    onTestFinished(() => engine.close());
    return engine;
  }

  it("encode a task's images, which a server then has, and end with what they began", async () => {
    const engine = await makeTask();
    const metrics = /metrics are at (\S+)/;
    const start = (name: string) => startUntil(metrics, "worker", name, "--port", "0", ...blobs());
    const [a, b] = [await start("a"), await start("b")];
    expect(await (await fetch(new URL("/ready", a.found))).text()).toBe("ready\n");
    const work = async () =>
      (await engine.workQueue.list()).items.map(({ state, result }) => ({ state, result }));
    const result = { done: IMAGES + 1, unreadable: 0, left: 0, images: IMAGES + 1 };
    await expect.poll(work).toEqual([{ state: "done", result }]);
    const figures = await Promise.all([a, b].map(async ({ found }) => (await fetch(found)).text()));
    const done = figures.map((text) => Number(/ended_total\{[^}]*end="done"\} (\d+)/.exec(text)?.[1] ?? 0));
    expect(done.sort()).toEqual([0, 1]);
    expect(await a.stop()).toBe(0);
    expect(await b.stop()).toBe(0);

    const server = await startUntil(/is at (http\S+)/, "serve", "served", "--port", "0", ...blobs());
    const { images } = (await (await fetch(new URL("v1/images", server.found))).json()) as {
      images: { id: string; name: string }[];
    };
    expect(images).toHaveLength(IMAGES + 1);
    const { id } = images.find(({ name }) => name === "still-life.jpg")!;
    await deleteFile(id); // so that the server can't encode it itself
    const masks = await fetch(new URL(`v1/images/${id}/predict`, server.found), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ pointCoords: [[300, 300]], pointLabels: [1] }),
    });
    expect(await masks.json()).toMatchObject({ masks: [{}, {}, {}] });
    expect(masks.status).toBe(200);
    for (const { printed } of [a, b, server]) expect(printed()).not.toContain(env.AWS_SECRET_ACCESS_KEY);
    expect(await server.stop()).toBe(0);
  });
});
