// Fifty annotators who save a mask a second each on one running `segany serve`, while it encodes the images
// of their task with the embedded weights: how long a save takes until it is on the disk and acknowledged.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createApiTokens,
  createMembers,
  createPeople,
  openDataEngine,
} from "../../packages/data-engine/dist/index.js";
import { boxToRle } from "../../packages/masks/dist/index.js";
import { encodePng } from "../../packages/sam/dist/node.js";
import { createEngineClient } from "../../packages/server/dist/contract/index.js";
import { ENGINE_FILE, openImageLibrary } from "../../packages/server/dist/index.js";
import { answer, partArguments } from "../lib/arguments.mjs";
import { interleave, tell } from "../lib/interleave.mjs";
import { openProduct } from "../lib/models.mjs";

const { quick, folder } = partArguments();
const PEOPLE = 50;
const SECONDS = quick ? 10 : 120;
const SAVES_PER_IMAGE = 10;
const IMAGES = Math.ceil((PEOPLE * (SECONDS + 30)) / SAVES_PER_IMAGE);
/** From the end of one save to the next one. */
const PAUSE_MS = 1000;
const SIZE = { width: 320, height: 240 };
const data = join(folder, "team");

function paint(seed) {
  const { width, height } = SIZE;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = Math.hypot(x - width / 3 - (seed % 90), y - height / 2) < height / 4;
    pixels.set(inside ? [220, 60, seed % 256, 255] : [x % 256, y, seed >> 8, 255], 4 * i);
  }
  return encodePng({ width, height, data: pixels });
}

/** @returns API tokens, and the project's id */
async function makeProject() {
  const library = await openImageLibrary(data);
  const images = [];
  for (let i = 0; i < IMAGES; i++) {
    const { id, name, width, height } = await library.add(Readable.from([await paint(i)]), `${i}.png`);
    images.push({ id, name, width, height });
  }
  await library.close();
  const engine = await openDataEngine({ file: join(data, ENGINE_FILE) });
  const people = createPeople(engine.context);
  const owner = await people.add({ name: "owner", administrator: true }, null);
  const { id: project } = await engine.projects.create(owner.id, { name: "load" });
  const tokens = [];
  for (let i = 0; i < PEOPLE; i++) {
    const { id } = await people.add({ name: `annotator-${i}` }, null);
    await createMembers(engine.context).set(owner, project, id, "worker");
    tokens.push((await createApiTokens(engine.context).create(id, "load")).secret);
  }
  await engine.tasks.create(owner.id, { project, name: "load", images, imagesPerJob: 1 });
  const encoded = async () => {
    const { items } = await engine.workQueue.list({ project });
    return items.reduce((sum, { progress, result }) => sum + ((result ?? progress)?.done ?? 0), 0);
  };
  return { project, tokens, encoded, close: engine.close };
}

async function startServer() {
  const command = resolve(import.meta.dirname, "../../packages/cli/bin/segany.js");
  const server = spawn(process.execPath, [command, "serve", data, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, SEGANY_CACHE: join(folder, "team-cache") },
  });
  const address = await new Promise((done, fail) => {
    let text = "";
    server.stdout.on("data", (chunk) => {
      text += chunk;
      const found = /http:\/\/[^\s"/]+/.exec(text)?.[0];
      if (found) done(found);
    });
    server.once("exit", () => fail(new Error("The server did not start.")));
  });
  while (!(await fetch(`${address}/ready`)).ok) await sleep(50);
  return { address, server };
}

const saveMs = [];
const otherMs = [];
/** Number of answers by status. */
const statuses = {};

/** Sends as `fetch` does, measures, and sends again what the server had no room for. */
async function send(url, init) {
  for (;;) {
    const before = performance.now();
    const response = await fetch(url, init);
    const ms = performance.now() - before;
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    if (response.status !== 429 && response.status !== 503) {
      const isSave = init.method === "POST" && url.pathname.endsWith("/annotations");
      (isSave ? saveMs : otherMs).push(ms);
      return response;
    }
    await response.arrayBuffer();
    await sleep(1000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

async function annotate(client, project, until) {
  await sleep(PAUSE_MS * Math.random());
  while (performance.now() < until) {
    const { lock } = await client.nextImage({ params: { project } });
    if (!lock) throw new Error("There are too few images.");
    const { job, image, number } = lock;
    await client.listAnnotations({ params: { job, image } });
    for (let i = 0; i < SAVES_PER_IMAGE && performance.now() < until; i++) {
      const body = { number, changes: [newMask(i)] };
      await client.saveAnnotations({ params: { job, image }, body });
      await sleep(PAUSE_MS);
    }
    await client.finishImage({ params: { job, image }, body: { number } });
    await client.completeJob({ params: { job } });
  }
}

function newMask(i) {
  const at = Date.now();
  const click = (n) => ({ at: at + 100 * n, kind: "click", point: [20 * i, 10 * n], label: 1 });
  return {
    ...{ change: randomUUID(), annotation: randomUUID(), base: 0, kind: "put", className: null },
    mask: boxToRle([20 * i, 30, 60, 100], SIZE),
    provenance: {
      source: "semi-automatic",
      model: { name: "mobile_sam", hash: "0".repeat(64) },
      events: [{ at, kind: "start" }, click(1), click(2), click(3)],
    },
  };
}

const quantile = (values, share) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;

const product = await openProduct();
const { gflops } = await interleave({}, { rounds: 1, product });
tell(`${IMAGES} images`);
const { project, tokens, encoded, close } = await makeProject();
const { address, server } = await startServer();
const ended = new Promise((done) => server.once("exit", done));
try {
  const before = await encoded();
  const until = performance.now() + 1000 * SECONDS;
  const clients = tokens.map((token) => createEngineClient(address, { token, fetch: send }));
  await Promise.all(clients.map((client) => annotate(client, project, until)));
  const images = (await encoded()) - before;
  const others = Object.entries(statuses).map(([status, count]) => `${count} of ${status}`);
  const told = `${images} images encoded meanwhile; answers: ${others.join(", ")}`;
  const ms = quantile(saveMs, 0.99);
  const faults = Object.keys(statuses).filter(
    (status) => !["200", "201", "204", "429", "503"].includes(status),
  );
  if (faults.length > 0) throw new Error(`The server answered ${told}.`);
  answer({
    gflops,
    rows: [
      {
        id: "team/save",
        what: `50 annotators for ${SECONDS} s: ${saveMs.length} saves, the 99th of 100 (${told})`,
        ...{ ms, peers: { median: quantile(saveMs, 0.5), "other requests, 99th": quantile(otherMs, 0.99) } },
      },
    ],
  });
} finally {
  server.kill("SIGINT");
  await ended;
  await close();
}
