import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createPeople, openDataEngine, type StoreLocation } from "@segany/data-engine";
import { expect, it, onTestFinished } from "vitest";
import type { BlobStore } from "../blobs/blob-store.js";
import { imageKeys } from "../records/stored-image.js";
import { storedImage } from "./records.js";

/** An engine under test with its store of files. */
export interface FolderEngine {
  /** Path of a program that calls `runFolderWorker`. */
  readonly main: string;
  readonly location: StoreLocation;
  /** Address of Redis, if the engine has one. */
  readonly redis?: string;
  /** For the `openBlobs` of the worker with this number; no two workers share a folder of copies. */
  readonly files: (worker: number) => unknown;
  /** The store that the workers use. */
  readonly blobs: BlobStore;
}

const IMAGES = 45;

/** How workers are stopped, one after the other; each after so many images at most. */
const STOPS = ["SIGKILL", "SIGTERM", "SIGKILL", "SIGTERM"] as const;
const MOST_DECODED = 5;

const LEASE_MS = 300;

/** The law of what is resumed. @param open an engine without work and without files */
export function folderLaw(open: () => Promise<FolderEngine>): void {
  it("decodes no image again that it had, when a folder is gone on with after kills and stops", async () => {
    const engine = await open();
    const { ids, work } = await addTask(engine);
    const decoded: string[] = [];
    for (const [i, signal] of STOPS.entries()) {
      const had = await embedded(engine.blobs);
      const ours = await decodeSome(engine, i, signal);
      expect(ours.filter((id) => had.has(id))).toEqual([]);
      expect(ours).toEqual([...new Set(ours)]);
      // What a stopped worker began it has finished.
      if (signal === "SIGTERM") expect(await embedded(engine.blobs)).toEqual(new Set([...had, ...ours]));
      decoded.push(...ours);
    }
    const had = await embedded(engine.blobs);
    expect(had.size).toBeGreaterThan(0);
    expect(had.size).toBeLessThan(IMAGES);
    const last = startWorker(engine, STOPS.length);
    await expect.poll(async () => (await work()).state).toBe("done");
    last.signal("SIGTERM");
    await last.ended;
    expect(last.decoded.toSorted()).toEqual(ids.filter((id) => !had.has(id)).sort());
    expect((await work()).result).toEqual({ done: IMAGES, unreadable: 0, left: 0, images: IMAGES });
    expect(await embedded(engine.blobs)).toEqual(new Set([...decoded, ...last.decoded]));
  });
}

async function addTask({ location, blobs }: FolderEngine) {
  const { context, projects, tasks, workQueue, close } = await openDataEngine(location);
  onTestFinished(close);
  const ids = Array.from({ length: IMAGES }, (_, i) => i.toString(16).padStart(64, "0"));
  for (const id of ids) {
    await blobs.put(imageKeys.file(id), id);
    await blobs.put(imageKeys.info(id), JSON.stringify(storedImage({ id })));
  }
  const { id: person } = await createPeople(context).add({ name: "olga" }, null);
  const { id: project } = await projects.create(person, { name: "folder" });
  const images = ids.map((id) => ({ id, name: `${id}.jpg`, width: 4, height: 3 }));
  await tasks.create(person, { project, name: "all", images });
  return { ids, work: async () => (await workQueue.list({ project })).items[0]! };
}

/** The images with a complete embedding, whose record is written last. */
async function embedded(blobs: BlobStore): Promise<Set<string>> {
  const keys = await blobs.list("embeddings");
  return new Set(keys.flatMap((key) => /([0-9a-f]{64})\.json$/.exec(key)?.[1] ?? []));
}

/** Runs a worker until it has decoded some images. @returns them */
async function decodeSome(engine: FolderEngine, number: number, signal: NodeJS.Signals) {
  const worker = startWorker(engine, number);
  const enough = 1 + Math.floor(Math.random() * MOST_DECODED);
  await expect.poll(() => worker.decoded.length >= enough || worker.hasEnded(), { interval: 1 }).toBe(true);
  worker.signal(signal);
  await worker.ended;
  return worker.decoded;
}

function startWorker({ main, location, redis, files }: FolderEngine, number: number) {
  const worker = `worker-${number}`;
  const settings = JSON.stringify({ location, redis, worker, leaseMs: LEASE_MS, files: files(number) });
  const child = spawn(process.execPath, [main, settings], { stdio: ["ignore", "pipe", "inherit"] });
  const decoded: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => decoded.push(line));
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    decoded,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal: (name: NodeJS.Signals) => void child.kill(name),
  };
}
