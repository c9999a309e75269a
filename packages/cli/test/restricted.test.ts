/** Machines that may do what they do and no more, and that tell nobody their secrets. */
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { findPostgres, startPostgres } from "../../../scripts/testing/postgres.mjs";
import { findRedis, startRedis } from "../../../scripts/testing/redis.mjs";
import { startS3rver } from "../../../scripts/testing/s3.mjs";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const grants = new URL("../../../deploy/grants.sql", import.meta.url);

/** s3rver takes no other secret than this. */
const SECRETS = ["pg-secret-5f1c", "redis-secret-77ab", "token-secret-19de", "S3RVER"];
const [PG, REDIS, TOKEN, S3] = SECRETS as [string, string, string, string];

describe.skipIf(!findPostgres() || !findRedis())("machines with few rights", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let store: Awaited<ReturnType<typeof startS3rver>>;
  const printed: string[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    redis = await startRedis({ password: REDIS });
    store = await startS3rver();
    postgres.createDatabase("segany");
  });
  afterAll(async () => {
    await store?.stop();
    await redis?.stop();
    await postgres?.stop();
  });

  const environment = (role: string): Record<string, string> => ({
    DATABASE_URL: postgres.url("segany").replace("segany@", `${role}:${PG}@`),
    REDIS_URL: redis.url,
    AWS_ENDPOINT_URL_S3: store.endpoint,
    AWS_ACCESS_KEY_ID: store.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3,
  });
  const blobs = () => ["--blobs", `s3://${store.bucket}/data`];

  async function run(env: Record<string, string>, ...args: string[]) {
    const ran = await workplace.runWith(env, ...args);
    printed.push(ran.stdout, ran.stderr);
    return ran;
  }

  /** Starts a command as a role, and waits for what it prints when it is ready. */
  async function start(role: string, ready: RegExp, ...args: string[]): Promise<string> {
    const child = workplace.startWith(environment(role), ...args, ...blobs());
    const at = printed.push("") - 1;
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed[at] += text;
      });
    const ended = once(child, "close");
    onTestFinished(async () => {
      child.kill("SIGTERM");
      await ended;
    });
    await expect.poll(() => child.exitCode !== null || ready.test(printed[at]!)).toBe(true);
    return ready.exec(printed[at]!)?.[1] ?? `ended: ${printed[at]}`;
  }

  it("do their work, and can't reach what is not theirs", async () => {
    mkdirSync(join(workplace.path, "photos"));
    copyFileSync(join(workplace.path, "photo.jpg"), join(workplace.path, "photos", "still-life.jpg"));
    const made = await run(environment("segany"), "engine", "init", "photos", "--class", "pear", ...blobs());
    expect(made).toMatchObject({ status: 0 });
    postgres.sql("segany", readFileSync(grants, "utf8"));
    postgres.sql("segany", readFileSync(grants, "utf8")); // again, as after an upgrade

    const only = ["worker", "--only", "embed-task", "--port", "0"];
    expect(await start("segany_worker", /takes (embed-task)/, ...only)).toBe("embed-task");
    const states = () => postgres.sql("segany", "select state from work_item", "segany_worker").trim();
    await expect.poll(states).toBe("done");
    for (const query of [
      "select * from person",
      "select * from session",
      "select * from annotation_revision",
      "insert into work_item select * from work_item",
      "create table mine (id int)",
    ])
      expect(() => postgres.sql("segany", query, "segany_worker")).toThrow("permission denied");
    for (const query of ["create table mine (id int)", "drop table person", "delete from kysely_migration"])
      expect(() => postgres.sql("segany", query, "segany_server")).toThrow(/permission denied|must be owner/);

    const args = ["serve", "--port", "0", "--workers", "1", "--log-level", "debug"];
    const url = await start("segany_server", /is at (http:\S+)/, ...args, "--token", TOKEN);
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const { images } = await (await fetch(new URL("v1/images", url), { headers })).json();
    const predict = new URL(`v1/images/${images[0].id}/predict`, url);
    const body = JSON.stringify({ pointCoords: [[300, 300]], pointLabels: [1] });
    expect((await fetch(predict, { method: "POST", headers, body })).status).toBe(200);
    const segment = new URL(`v1/images/${images[0].id}/segment`, url);
    const settings = JSON.stringify({ pointsPerSide: 2 });
    const job = await (await fetch(segment, { method: "POST", headers, body: settings })).json();
    const state = async () =>
      (await (await fetch(new URL(`v1/jobs/${job.id}`, url), { headers })).json()).state;
    await expect.poll(state).toBe("done");
    expect((await fetch(url, { redirect: "manual" })).status).toBe(303); // the token in the address
    expect(printed.join("")).toContain("/?token=…");
    expect((await fetch(new URL("v1/engine/projects", url), { headers })).status).toBeLessThan(500);
  });

  it("say what can't be reached without their secrets", async () => {
    const right = environment("segany");
    const wrong: Record<string, string>[] = [
      { ...right, DATABASE_URL: `postgres://segany:${PG}@127.0.0.1:1/none` },
      { ...right, DATABASE_URL: `postgres://segany:${PG}@127.0.0.1:port/none` },
      {
        ...right,
        DATABASE_URL: `postgres://segany:${PG}@127.0.0.1:${postgres.url("x").split(/[:/]/)[4]}/none`,
      },
      { ...right, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" },
      { ...right, AWS_ACCESS_KEY_ID: "nobody" },
      { ...right, REDIS_URL: `redis:///:${REDIS}` },
      { ...right, REDIS_URL: `http://user:${REDIS}@127.0.0.1` },
    ];
    for (const env of wrong) {
      const { status, stderr } = await run(env, "worker", "--port", "0", "--quiet", ...blobs());
      expect([status, stderr]).toEqual([expect.any(Number), expect.stringMatching(/\S/)]);
      expect(status).toBeGreaterThan(0);
    }
  });

  it("have written no secret anywhere", async () => {
    expect(printed.join("").length).toBeGreaterThan(1000);
    const log = printed.join("\n").replace(/is at http:\S+token=\S+/g, "is at …"); // the operator's own address
    for (const secret of SECRETS) expect(log).not.toContain(secret);
    const dump = postgres.dump("segany");
    for (const secret of SECRETS) expect(dump).not.toContain(secret);
    for (const secret of SECRETS) expect(redis.dump()).not.toContain(secret);
  });
});
