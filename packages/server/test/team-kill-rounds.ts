/** For tests: ends a server without warning while a team labels, and holds what is there afterwards. */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createApiTokens,
  createMembers,
  createPeople,
  openDataEngine,
  type StoreLocation,
} from "@segany/data-engine";
import { openImageLibrary } from "@segany/server";
import { expect } from "vitest";
import { annotate, type Ledger, persist, SIZE, type Target } from "./annotator.js";
import type { ServerProcess, Workplace } from "./server-process.js";
import { checkEnd, checkLedger } from "./team-checks.js";
import { paintImage } from "./test-images.js";

/** Images of a task, each a job. A task is made in each round; one of its images is new. */
const IMAGES = 3;
const ANNOTATORS = ["anna", "ben", "cleo"];
/** A server that is ready is killed within so many milliseconds, or when it has acknowledged something. */
const MOST_MS = 1200;
/** Every so many rounds it is killed once more while it starts. */
const STARTING = 5;
/** Every so many rounds it is killed only when more work of the machine is done. */
const WORKING = 3;

export interface KillFigures {
  /** Milliseconds from each start of a process to its answer that it is ready. */
  readonly readyMs: readonly number[];
  /** Acknowledged changes of masks. */
  readonly changes: number;
  /** Work of the machine that was done, and the attempts that were made. */
  readonly works: number;
  readonly attempts: number;
}

/**
 * Kills a server at random points while annotators save, an owner adds tasks, and the machine encodes their
 * images. After each restart all that was acknowledged must be there; in the end all work must be done, and
 * nothing twice.
 */
export async function killTeamRounds(
  workplace: Workplace,
  directory: string,
  location: StoreLocation,
  rounds: number,
): Promise<KillFigures> {
  const { owner, annotators, project } = await addTeam(directory, location);
  const ledger: Ledger = { sent: new Map(), saved: new Map(), finished: new Set(), completed: new Set() };
  const readyMs: number[] = [];
  const target: Target = { address: "" };
  const args = "url" in location ? ["--database-url", location.url] : [];
  const start = async () => {
    const from = performance.now();
    const server = await workplace.start(directory, args);
    readyMs.push(performance.now() - from);
    target.address = server.address;
    return server;
  };
  let server = await start();
  const stop = new AbortController();
  const team = Promise.all(
    annotators.map((token) => annotate({ target, token, project, ledger }, stop.signal)),
  );
  try {
    const tasks = [];
    for (let round = 0; round < rounds; round++) {
      const progress =
        round % WORKING === 1
          ? () => countDone(target, owner, project) // of the machine
          : async () => ledger.saved.size;
      const before = await progress();
      const adding = addTask(target, owner, project, round);
      await Promise.race([team, killAfter(server, async () => (await progress()) > before)]);
      if (round % STARTING === STARTING - 1) await killWhileStarting(workplace, directory, args);
      server = await start();
      tasks.push(await adding);
      await checkLedger(location, ledger);
    }
    stop.abort();
    await team;
    const attempts = await checkEnd({ target, owner, project, location }, { ledger, tasks, images: IMAGES });
    await server.end();
    return { readyMs, changes: ledger.saved.size, ...attempts };
  } finally {
    stop.abort();
    await team.catch(() => undefined); // thrown above if it came first
  }
}

/** Half of the time at any moment, else when there was progress. */
async function killAfter(server: ServerProcess, hasProgress: () => Promise<boolean>): Promise<void> {
  await sleep(randomInt(MOST_MS));
  if (randomInt(2) === 0) await expect.poll(hasProgress, { interval: 10 }).toBe(true);
  await server.end("SIGKILL");
}

/** Work of the machine that is done. */
async function countDone(target: Target, owner: string, project: string): Promise<number> {
  const health = await persist(target, owner, (client) => client.getQueueHealth({ params: { project } }));
  return health.work.find(({ state }) => state === "done")?.count ?? 0;
}

async function killWhileStarting(workplace: Workplace, directory: string, args: string[]): Promise<void> {
  const server = await workplace.start(directory, args, { wait: false });
  await sleep(randomInt(MOST_MS));
  await server.end("SIGKILL");
}

/** Uploads images, and makes a task of them. @returns the task's id */
async function addTask(target: Target, owner: string, project: string, round: number): Promise<string> {
  const images: string[] = [];
  for (let i = 0; i < IMAGES; i++) {
    const file = await paintImage(1000 + round + i, SIZE);
    images.push(await persist(target, owner, () => upload(target, owner, file)));
  }
  const body = { name: `round ${round}`, images, imagesPerJob: 1 };
  const task = await persist(target, owner, (client) => client.createTask({ params: { project }, body }));
  return task.id;
}

/** As the client's calls, with the errors that mean that the server is down. */
async function upload({ address }: Target, token: string, file: Uint8Array): Promise<string> {
  const body = new FormData();
  body.append("file", new Blob([file as Uint8Array<ArrayBuffer>]), "painted.png");
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL("v1/images", address), { method: "POST", headers, body });
  if (response.status === 503) throw new TypeError("The server is starting.");
  expect(response.status).toBe(201);
  return (await response.json()).id;
}

/** Makes the data folder with accounts and a project. @returns API tokens, and the project's id */
async function addTeam(directory: string, location: StoreLocation) {
  await (await openImageLibrary(directory)).close();
  const engine = await openDataEngine(location);
  const people = createPeople(engine.context);
  const tokens = createApiTokens(engine.context);
  const owner = await people.add({ name: "olga", administrator: true }, null);
  const project = await engine.projects.create(owner.id, { name: "kill" });
  const annotators = [];
  for (const name of ANNOTATORS) {
    const { id } = await people.add({ name }, null);
    await createMembers(engine.context).set(owner, project.id, id, "worker");
    annotators.push((await tokens.create(id, "test")).secret);
  }
  const { secret } = await tokens.create(owner.id, "test");
  await engine.close();
  return { owner: secret, annotators, project: project.id };
}
