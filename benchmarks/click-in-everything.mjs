// How long a click waits while everything mode runs on the same model: in the library, and over HTTP on a
// server with one worker (its job) and with two (one is kept free for clicks). Needs a build (npm run build).
// usage: node benchmarks/click-in-everything.mjs [image] [--clicks 30] [--behaviour official]
// Prints one JSON object a case: milliseconds of clicks alone and during the run, and of its batches.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { loadSam, readImage, SamAutomaticMaskGenerator, SamPredictor } from "../packages/sam/dist/node.js";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { clicks: { type: "string", default: "30" }, behaviour: { type: "string", default: "official" } },
});
const root = resolve(import.meta.dirname, "..");
const shared = process.env.SEGANY_SHARED ?? resolve(root, "../shared");
const path = positionals[0] ?? join(shared, "fixtures/sam/images/truck.jpg");
const image = await readImage(path);
const { behaviour } = options;
const place = (i) => [(i * 397) % image.width, (i * 211) % image.height];

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
  return { count: sorted.length, median: at(0.5), worst: at(1) };
}

/**
 * Clicks before a run, and during it from its first batch on.
 *
 * @param click clicks at a place and resolves when the answer is there
 * @param run starts everything mode, calls its argument after each batch, ends soon after `signal`
 */
async function measure(name, click, run) {
  const timed = async (i) => {
    const before = performance.now();
    await click(place(i));
    return performance.now() - before;
  };
  for (let i = 0; i < 5; i++) await timed(i);
  const alone = [];
  for (let i = 0; i < 10; i++) alone.push(await timed(i));
  const stop = new AbortController();
  const steps = [];
  let begun;
  const first = new Promise((done) => {
    begun = done;
  });
  let lastMs;
  let isRunning = true;
  const running = run(stop.signal, () => {
    const now = performance.now();
    if (lastMs !== undefined) steps.push(now - lastMs);
    lastMs = now;
    begun();
  }).finally(() => {
    isRunning = false;
    begun();
  });
  running.catch(() => undefined); // it was stopped
  await first;
  const during = [];
  for (let i = 0; isRunning && i < Number(options.clicks); i++) {
    during.push(await timed(i));
    await sleep(50 + 17 * (i % 13)); // at different moments of a batch
  }
  stop.abort();
  await running.catch(() => undefined);
  const load = Number(loadavg()[0].toFixed(1));
  const result = { alone: summary(alone), during: summary(during), betweenProgress: summary(steps) };
  console.log(JSON.stringify({ case: name, behaviour, ...result, load }));
}

async function inLibrary(runIn) {
  const sam = await loadSam("mobile_sam", { runIn });
  const predictor = new SamPredictor(sam);
  await predictor.setImage(image);
  const generator = new SamAutomaticMaskGenerator(sam, { behaviour });
  const click = (point) => predictor.predict({ pointCoords: [point], pointLabels: [1] });
  await measure(`library, ${runIn}`, click, (signal, onProgress) =>
    generator.generate(image, { signal, onProgress }),
  );
  await sam.close();
}

async function onServer(workers) {
  const folder = mkdtempSync(join(tmpdir(), "segany-click-"));
  const command = [join(root, "packages/cli/bin/segany.js"), "serve", join(folder, "data"), "--port", "0"];
  const server = spawn(process.execPath, [...command, "--workers", String(workers)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((done) => server.once("exit", done));
  try {
    const address = await new Promise((done, fail) => {
      server.stdout.on("data", (chunk) => {
        const found = /http:\/\/[^\s"/]+/.exec(String(chunk))?.[0];
        if (found) done(found);
      });
      server.once("exit", () => fail(new Error("The server did not start.")));
    });
    const ask = async (route, body, more = {}) => {
      const headers = body instanceof FormData ? {} : { "content-type": "application/json" };
      const sent = body instanceof FormData ? body : JSON.stringify(body);
      const response = await fetch(`${address}/v1/${route}`, {
        method: "POST",
        headers,
        body: sent,
        ...more,
      });
      if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
      return response.json();
    };
    const form = new FormData();
    form.append("file", new Blob([readFileSync(path)]), "image.jpg");
    const { id } = await ask("images", form);
    const click = (point) => ask(`images/${id}/predict`, { pointCoords: [point], pointLabels: [1] });
    await measure(`server, ${workers} workers`, click, async (signal, onProgress) => {
      const job = await ask(`images/${id}/segment`, { behaviour });
      const events = await fetch(`${address}/v1/jobs/${job.id}/events`, { signal });
      for await (const chunk of events.body) if (Buffer.from(chunk).includes("event: progress")) onProgress();
    });
  } finally {
    server.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

await inLibrary("child-process");
await inLibrary("this-process");
await onServer(1);
await onServer(2);
