/**
 * What the dispatch alone carries: items a second of PostgreSQL and Redis, by the number of workers, with a
 * step that only takes time. On 127.0.0.1, in servers of its own.
 *
 * node benchmarks/dispatch.mjs [--workers 1,2,4,8,16] [--step-ms 200] [--seconds 10] [--no-redis] [--json]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createWorkQueue, openStore } from "@segany/data-engine";
import { startPostgres } from "../scripts/testing/postgres.mjs";
import { startRedis } from "../scripts/testing/redis.mjs";

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "1,2,4,8,16" },
    "step-ms": { type: "string", default: "200" },
    seconds: { type: "string", default: "10" },
    "no-redis": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const stepMs = Number(values["step-ms"]);
const main = fileURLToPath(new URL("dispatch-worker.mjs", import.meta.url));

/** Starts workers, and resolves when all of them have opened the database. */
async function startWorkers(count, settings) {
  const workers = Array.from({ length: count }, (_, i) =>
    spawn(process.execPath, [main, JSON.stringify({ ...settings, name: `worker ${i}`, stepMs })], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  await Promise.all(workers.map(({ stdout }) => once(stdout, "data")));
  return async () => {
    await Promise.all(
      workers.map((worker) => {
        worker.kill("SIGTERM");
        return once(worker, "exit");
      }),
    );
  };
}

/** Items a second from the first claim to the last result, as the database has them. */
async function measure(count, postgres, redis, number) {
  const name = `dispatch_${number}`;
  postgres.createDatabase(name);
  const url = postgres.url(name);
  const store = await openStore({ url });
  const queue = createWorkQueue({ db: store.db, now: Date.now });
  const items = Math.ceil((count * Number(values.seconds) * 1000) / Math.max(stepMs, 5));
  const stop = await startWorkers(count, { url, redis: redis && `${redis.url}/${number}` });
  const begin = performance.now();
  await queue.submitAll(Array.from({ length: items }, (_, i) => ({ kind: "step", payload: i })));
  const submitMs = performance.now() - begin;
  const countDone = async () => (await queue.counts()).find(({ state }) => state === "done")?.count ?? 0;
  // The middle four fifths: beginning and end have workers without work.
  const marks = [];
  for (const share of [0.1, 0.9]) {
    while ((await countDone()) < share * items) await setTimeout(20);
    marks.push({ done: await countDone(), at: performance.now() });
  }
  while ((await countDone()) < items) await setTimeout(20);
  const [from, to] = marks;
  const perSecond = ((to.done - from.done) / (to.at - from.at)) * 1000;
  await stop();
  await store.close();
  const linear = stepMs > 0 ? (count * 1000) / stepMs : undefined;
  return { workers: count, items, perSecond, submitMs, ...(linear && { ofLinear: perSecond / linear }) };
}

const postgres = await startPostgres({ durable: true });
const redis = values["no-redis"] ? undefined : await startRedis();
try {
  if (!values.json)
    console.log(`step ${stepMs} ms, ${redis ? "BullMQ" : "database alone"}, load ${loadavg()[0].toFixed(1)}`);
  for (const [i, count] of values.workers.split(",").map(Number).entries()) {
    const found = await measure(count, postgres, redis, i);
    if (values.json) console.log(JSON.stringify({ ...found, stepMs, load: loadavg()[0] }));
    else
      console.log(
        `${String(count).padStart(3)} workers ${found.perSecond.toFixed(1).padStart(8)} items/s` +
          (found.ofLinear === undefined ? "" : `  ${found.ofLinear.toFixed(3)} of linear`) +
          `  load ${loadavg()[0].toFixed(1)}`,
      );
  }
} finally {
  await redis?.stop();
  await postgres.stop();
}
