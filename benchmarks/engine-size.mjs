// How fast the data engine is with many images and masks: the queue, lists, statistics, saving, and the
// memory of an export. Needs a build (npm run build) and Linux (it reads /proc), and some 15 GB of disk for
// 10 million masks.
// usage: node benchmarks/engine-size.mjs [--images 100000] [--masks 100] [--rounds 50]
//          [--database-url postgres://…] [--no-export] [--folder folder]
//   --masks          of each image
//   --database-url   an empty database; default is a file of SQLite
//   --folder         data folder that is kept; one with a database is measured as it is
// Prints one JSON object on stdout: milliseconds of each operation, and megabytes.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openDataEngine } from "../packages/data-engine/dist/index.js";
import { boxToRle } from "../packages/masks/dist/index.js";
import { openImageLibrary } from "../packages/server/dist/index.js";
import { fillProject, idOf, PEOPLE } from "./lib/engine-rows.mjs";

const { values: options } = parseArgs({
  options: {
    images: { type: "string", default: "100000" },
    masks: { type: "string", default: "100" },
    rounds: { type: "string", default: "50" },
    "database-url": { type: "string" },
    export: { type: "boolean", default: true },
    folder: { type: "string" },
  },
  allowNegative: true,
});
/** Of operations that may take a second. */
const SLOW = { rounds: 5 };
const url = options["database-url"];
const folder = options.folder ?? mkdtempSync(join(tmpdir(), "segany-size-"));
const data = join(folder, "data");
const file = join(data, "engine.sqlite");
const isFilled = existsSync(file) || (url !== undefined && options.folder !== undefined && existsSync(data));
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * Milliseconds of repeated calls, after a first one; `first` tells what cold pages cost.
 *
 * @param undo what is not measured, with the result of the call
 */
async function time(name, call, { rounds = Number(options.rounds), undo = async () => {} } = {}) {
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const before = performance.now();
    const result = await call(round);
    times.push(performance.now() - before);
    await undo(result);
  }
  const [first, ...rest] = times;
  const sorted = rest.toSorted((a, b) => a - b);
  const round = (ms) => Number(ms.toFixed(1));
  const at = (share) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? first);
  const result = { first: round(first), median: at(0.5), p99: at(0.99) };
  say(`${name}: ${JSON.stringify(result)}`);
  return [name, result];
}

try {
  if (!isFilled) await (await openImageLibrary(data)).close();
  const location = url === undefined ? { file } : { url };
  const size = { images: Number(options.images), masksPerImage: Number(options.masks) };
  if (!isFilled) await fill(location, size);
  const engine = await openDataEngine(location);
  const project = idOf(1, 0);
  const times = await measure(engine, project, Math.ceil(size.images / 10));
  await engine.close();
  const exported = options.export ? await measureExport() : undefined;
  const exportedByWork = options.export ? await measureExportWork(project) : undefined;
  const databaseMb = url === undefined ? Math.round(statSync(file).size / 1e6) : undefined;
  console.log(
    JSON.stringify({
      ...size,
      database: url === undefined ? "sqlite" : "postgres",
      databaseMb,
      load: loadavg()[0],
      times,
      exported,
      exportedByWork,
    }),
  );
} finally {
  if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
}

async function fill(location, size) {
  const { store, close } = await openDataEngine(location);
  const before = performance.now();
  await fillProject(store, size, (count) => {
    const seconds = Math.round((performance.now() - before) / 1000);
    if (count % 1_000_000 === 0) say(`${count} masks after ${seconds} s`);
  });
  await close();
}

async function measure(engine, project, jobs) {
  const { queue, jobs: jobList, tasks, statistics, annotations, locks } = engine;
  const person = (i) => idOf(2, i % PEOPLE);
  const middle = idOf(4, Math.floor(jobs / 2));
  const [task] = await tasks.list(project, { limit: 1 });
  const results = [];
  const add = async (...args) => void results.push(await time(...args));

  await add("next image, of a job in progress", (i) => queue.next(person(7 + 10 * (i % 5)), project));
  const newcomer = idOf(2, 0);
  await add("next image, of a new job", () => queue.next(newcomer, project), {
    undo: ({ job }) => reopen(engine, job),
  });
  await add("next job to review", () => queue.nextReview(newcomer, project), {
    undo: ({ id }) => reopen(engine, id),
  });
  await add("page of the job list, first", () => jobList.list(project, { limit: 100 }));
  await add("page of the job list, middle", () => jobList.list(project, { after: middle, limit: 100 }));
  await add("page of a task's jobs", () =>
    jobList.list(project, { task: task.id, after: middle, limit: 100 }),
  );
  await add("page of a person's jobs", () => jobList.list(project, { assignee: person(7), limit: 100 }));
  await add("statistics, overview", () => statistics.overview(project), SLOW);
  for (const by of ["person", "class", "day"])
    await add(`statistics by ${by}`, () => statistics.list(project, { by }), SLOW);
  await add("queue health", () => statistics.queueHealth(project), SLOW);
  await add("masks of an image", async (i) => {
    const job = idOf(4, (i * 997) % jobs);
    const [image] = await jobList.images(job);
    return annotations.list(job, image.image);
  });

  const lock = await queue.next(newcomer, project);
  await add("save a mask", () => annotations.save(lock, [newMask()]));
  await locks.release(lock);
  return Object.fromEntries(results);
}

/** Makes a job new, and nobody's. */
function reopen({ store }, job) {
  const unclaimed = { state: "new", assignee: null, pulled: 0 };
  return store.db.updateTable("job").set(unclaimed).where("id", "=", job).execute();
}

function newMask() {
  return {
    ...{ change: randomUUID(), annotation: randomUUID(), base: 0, kind: "put", className: null },
    mask: boxToRle([5, 6, 70, 80], { width: 640, height: 480 }),
    provenance: { source: "manual", events: [] },
  };
}

/** All masks as COCO, by the command. */
async function measureExport() {
  const command = resolve(import.meta.dirname, "../packages/cli/bin/segany.js");
  const where = url === undefined ? [] : ["--database-url", url];
  const output = join(folder, "coco");
  const args = [
    "engine",
    "export",
    output,
    "--data",
    data,
    "--state",
    "all",
    "--no-images",
    "--quiet",
    ...where,
  ];
  const result = await measureProcess("export", [command, ...args]);
  rmSync(output, { recursive: true });
  return result;
}

/** The same as a work item, into a zip file. */
function measureExportWork(project) {
  const program = resolve(import.meta.dirname, "lib/export-work-main.mjs");
  return measureProcess("export as work", [program, data, project, ...(url === undefined ? [] : [url])]);
}

/** Seconds of a process, and the most memory that it held. */
async function measureProcess(name, args) {
  const before = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  let peakMb = 0;
  const watch = setInterval(() => {
    const peak = Math.max(peakMb, peakMbOf(child.pid));
    if (peak > peakMb + 20)
      say(`${name}: ${Math.round(peak)} MB after ${Math.round((performance.now() - before) / 1000)} s`);
    peakMb = peak;
  }, 100);
  const status = await new Promise((done) => child.once("close", done));
  clearInterval(watch);
  if (status !== 0) throw new Error(`The process "${name}" ended with status ${status}.`);
  return { seconds: Math.round((performance.now() - before) / 1000), peakMb: Math.round(peakMb) };
}

/** The most memory that a process has held so far, MB; 0 if it has ended. */
function peakMbOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
