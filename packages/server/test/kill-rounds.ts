/**
 * For tests: ends a server without warning in the middle of its work, and holds what it serves afterwards.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ImageInfo,
  imageListSchema,
  type KeptMasks,
  keptMasksSchema,
  paths,
} from "@segany/server/contract";
import { expect } from "vitest";
import { createClient, json, multipart, send } from "./client.js";
import { descendants, isAlive, type ServerProcess, type Workplace } from "./server-process.js";
import { paintImage } from "./test-images.js";

/** What the server has said yes to, over all rounds. */
interface Acknowledged {
  readonly images: Set<string>;
  readonly jobs: Set<string>;
  /**
   * By image: the number in the masks that were last kept, and in those that were on their way when it ended.
   */
  readonly masks: Map<string, { kept: number; sent: number }>;
}

/**
 * Starts a server, works it, kills it after a moment, starts it again and looks; so many times over one
 * folder.
 */
export async function killRounds(workplace: Workplace, directory: string, rounds: number): Promise<void> {
  const acknowledged: Acknowledged = { images: new Set(), jobs: new Set(), masks: new Map() };
  let seed = 1;
  for (let round = 0; round < rounds; round++) {
    const server = await workplace.start(directory);
    await check(server, directory, acknowledged);
    const { id } = await createClient(server.address).upload(await paintImage(seed++, BIG));
    acknowledged.images.add(id);
    const before = acknowledged.images.size;
    const files = await Promise.all(Array.from({ length: 24 }, () => paintImage(seed++, BIG)));
    const work = Promise.allSettled([
      uploadAll(server, files.slice(0, 12), acknowledged),
      uploadAll(server, files.slice(12), acknowledged),
      keepMasks(server, id, acknowledged),
      startJobs(server, id, acknowledged),
    ]);
    await sleep(40 + ((round * 137) % 700));
    // A slow machine may not have taken anything by then; every other time something must have been.
    while (round % 2 === 1 && acknowledged.images.size === before) await sleep(10);
    const children = descendants(server.pid);
    await server.end("SIGKILL");
    await work;
    await allGone(children);
  }
  const server = await workplace.start(directory);
  await check(server, directory, acknowledged);
  expect(acknowledged.images.size).toBeGreaterThan(rounds);
  expect(acknowledged.jobs.size).toBeGreaterThan(0);
  expect(acknowledged.masks.size).toBeGreaterThan(0);
  await server.end();
}

const BIG = { width: 800, height: 600 };

/** Each of these ends when the server does: requests that are cut off are refused. */
async function uploadAll(
  { address }: ServerProcess,
  files: readonly Uint8Array[],
  { images }: Acknowledged,
): Promise<void> {
  for (const file of files) {
    const question = { method: "POST", path: `/${paths.images()}`, ...multipart(file) };
    const { status, text } = await send(address, question);
    if (status === 201) images.add(JSON.parse(text).id);
  }
}

async function keepMasks({ address }: ServerProcess, id: string, { masks }: Acknowledged): Promise<void> {
  for (let number = 1; ; number++) {
    masks.set(id, { kept: masks.get(id)?.kept ?? 0, sent: number });
    const { status } = await send(address, {
      method: "PUT",
      path: `/${paths.masks(id)}`,
      ...json(numberedMasks(number)),
    });
    if (status < 300) masks.set(id, { kept: number, sent: number });
  }
}

/** Masks that say their number in every annotation, so that half a file would show. */
function numberedMasks(number: number): KeptMasks {
  const { width, height } = BIG;
  return {
    image: { image_id: number, width, height, file_name: "x.png" },
    annotations: Array.from({ length: 200 }, () => ({
      id: number,
      segmentation: { size: [height, width], counts: "Phd>" },
    })),
  };
}

async function startJobs({ address }: ServerProcess, id: string, { jobs }: Acknowledged): Promise<void> {
  for (;;) {
    const question = { method: "POST", path: `/${paths.segment(id)}`, ...json({ pointsPerSide: 2 }) };
    const { status, text } = await send(address, question);
    if (status === 202) jobs.add(JSON.parse(text).id);
    await sleep(100);
  }
}

/** Workers end with their server. */
async function allGone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
}

async function check(
  { address }: ServerProcess,
  directory: string,
  { images, jobs, masks }: Acknowledged,
): Promise<void> {
  const listed = imageListSchema.parse(
    JSON.parse((await send(address, { path: `/${paths.images()}` })).text),
  ).images;
  const ids = new Set(listed.map(({ id }) => id));
  expect([...images].filter((id) => !ids.has(id))).toEqual([]);
  for (const image of listed) await checkImage(address, image);
  for (const id of jobs) await createClient(address).job(id);
  for (const [id, { kept, sent }] of masks) await checkMasks(address, id, kept, sent);
  checkFiles(directory, ids);
}

/** An image that is listed is whole, also where its acknowledgement got lost. */
async function checkImage(address: string, { id, bytes }: ImageInfo): Promise<void> {
  const { status, body } = await send(address, { path: `/${paths.preview(id)}` });
  expect(status).toBe(200);
  expect(body.length).toBe(bytes);
  expect(createHash("sha256").update(body).digest("hex")).toBe(id);
}

async function checkMasks(address: string, id: string, kept: number, sent: number): Promise<void> {
  const { status, text } = await send(address, { path: `/${paths.masks(id)}` });
  if (kept === 0 && status === 204) return;
  const { image, annotations } = keptMasksSchema.parse(JSON.parse(text));
  expect([kept, sent]).toContain(image.image_id);
  expect(annotations).toHaveLength(200);
  expect(annotations.every((annotation) => annotation.id === image.image_id)).toBe(true);
}

/** Nothing lies about of uploads that were cut off, and what is JSON can be read. */
function checkFiles(directory: string, ids: ReadonlySet<string>): void {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const id = /images[/\\]([0-9a-f]{64})/.exec(path)?.[1];
    if (id) expect(ids.has(id), path).toBe(true);
    if (name.endsWith(".json")) JSON.parse(readFileSync(path, "utf8"));
    if (name === "file") expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(id);
  }
}
