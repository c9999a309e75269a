// Clients that click at the same time on a running `segany serve`: how long they wait, whether memory stays
// flat, and whether the server's event loop stays free, also while images are encoded. Needs a build (npm run
// build); memory is measured on Linux only (it reads /proc).
// usage: node benchmarks/server-load.mjs [--clients 50] [--images 20] [--seconds 120] [--workers 2]
// Prints one JSON object on stdout; exit status 1 when anything was answered that is neither a success nor
// 429 or 503.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { encodePng } from "../packages/sam/dist/node.js";

const { values: options } = parseArgs({
  options: {
    clients: { type: "string", default: "50" },
    images: { type: "string", default: "20" },
    seconds: { type: "string", default: "120" },
    workers: { type: "string", default: "2" },
  },
});
const [WIDTH, HEIGHT] = [640, 480];

/** A client that asks again sooner than it was told to would only be refused again. */
const retryAfterMs = ({ headers }) => 1000 * Number(headers["retry-after"] ?? 1);

const paint = (seed) => {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const inside = Math.hypot(x - WIDTH / 3 - 9 * seed, y - HEIGHT / 2) < HEIGHT / 4;
    data.set(inside ? [220, 60, (seed * 40) % 256, 255] : [x % 256, (y + seed) % 256, 90, 255], 4 * i);
  }
  return encodePng({ width: WIDTH, height: HEIGHT, data });
};

const folder = mkdtempSync(join(tmpdir(), "segany-load-"));
const command = resolve(import.meta.dirname, "../packages/cli/bin/segany.js");
const server = spawn(
  process.execPath,
  [command, "serve", join(folder, "data"), "--port", "0", "--workers", options.workers],
  { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, SEGANY_CACHE: join(folder, "cache") } },
);
const ended = new Promise((done) => server.once("exit", done));
const agent = new Agent({ keepAlive: true });
const faults = {};
const healthMs = [];
const residentMbSamples = [];
const loopP99Ms = [];

try {
  const address = await new Promise((done, fail) => {
    let text = "";
    server.stdout.on("data", (chunk) => {
      text += chunk;
      const found = /http:\/\/[^\s"/]+/.exec(text)?.[0];
      if (found) done(found);
    });
    server.once("exit", () => fail(new Error("The server did not start.")));
  });

  const ask = (method, path, { headers = {}, body } = {}) =>
    new Promise((done, fail) => {
      const request = httpRequest(`${address}${path}`, { method, headers, agent }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () =>
          done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      request.on("error", fail);
      request.end(body);
    });
  const upload = async (bytes) => {
    const form = new FormData();
    form.append("file", new Blob([bytes]), "painted.png");
    const response = new Response(form);
    const headers = { "content-type": response.headers.get("content-type") };
    const answer = await ask("POST", "/v1/images", {
      headers,
      body: Buffer.from(await response.arrayBuffer()),
    });
    return JSON.parse(answer.body.toString()).id;
  };

  let watching = true;
  const watch = async (everyMs, look) => {
    while (watching) {
      await look();
      await sleep(everyMs);
    }
  };
  const health = watch(50, async () => {
    const before = performance.now();
    await ask("GET", "/health");
    healthMs.push(performance.now() - before);
  });

  const ids = [];
  for (let i = 0; i < Number(options.images); i++) ids.push(await upload(await paint(i)));
  const encodingFrom = healthMs.length;
  for (const id of ids) await ask("GET", `/v1/images/${id}/embedding?dtype=float16`);
  const whileEncodingMs = healthMs.slice(encodingFrom);
  await ask("GET", "/metrics"); // the delay is counted from the last time it was read

  const clickMs = [];
  let refused = 0;
  const until = performance.now() + 1000 * Number(options.seconds);
  const click = async (client) => {
    for (let turn = client; performance.now() < until; turn++) {
      const id = ids[(turn * 7) % ids.length];
      const point = [(turn * 131) % WIDTH, (turn * 71) % HEIGHT];
      const body = JSON.stringify({ pointCoords: [point], pointLabels: [1] });
      const before = performance.now();
      const headers = { "content-type": "application/json" };
      const answer = await ask("POST", `/v1/images/${id}/predict`, { headers, body });
      if (answer.status === 200) clickMs.push(performance.now() - before);
      else if (answer.status === 429 || answer.status === 503) {
        refused++;
        await sleep(retryAfterMs(answer));
      } else faults[answer.status] = (faults[answer.status] ?? 0) + 1;
    }
  };
  const memory = watch(1000, async () => residentMbSamples.push(residentMb(server.pid)));
  const loop = watch(5000, async () => loopP99Ms.push(await readLoopP99Ms(ask)));
  await Promise.all(Array.from({ length: Number(options.clients) }, (_, client) => click(client)));
  loopP99Ms.push(await readLoopP99Ms(ask));
  watching = false;
  await Promise.all([health, memory, loop]);

  const settled = residentMbSamples.slice(Math.floor(residentMbSamples.length / 5));
  const third = Math.max(1, Math.floor(settled.length / 3));
  console.log(
    JSON.stringify({
      clients: Number(options.clients),
      images: ids.length,
      seconds: Number(options.seconds),
      clicks: { count: clickMs.length, ...quantiles(clickMs) },
      refused,
      faults,
      healthMs: quantiles(healthMs),
      healthWhileEncodingMs: quantiles(whileEncodingMs),
      eventLoopP99Ms: Number(Math.max(...loopP99Ms.slice(1)).toFixed(1)), // the first tells of the encodings
      peakMb: Math.round(Math.max(...residentMbSamples)),
      growthMb: Math.round(mean(settled.slice(-third)) - mean(settled.slice(0, third))),
    }),
  );
  if (Object.keys(faults).length > 0) process.exitCode = 1;
} finally {
  agent.destroy();
  server.kill("SIGINT");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

/** The worst hundredth of the event loop's delays since this was last asked, in the server's own metrics. */
async function readLoopP99Ms(ask) {
  const { body } = await ask("GET", "/metrics");
  return 1000 * Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(body.toString())[1]);
}

function quantiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function readOrNothing(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has just ended
  }
}

/** Resident memory of a process and those below it, MB. */
function residentMb(pid) {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0);
  const children = readOrNothing(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
  return kilobytes / 1024 + children.reduce((total, child) => total + residentMb(Number(child)), 0);
}
