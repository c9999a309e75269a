/** Everything mode, export and import as work of a real server, on a tiny model. */
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createApiTokens, createPeople, openDataEngine } from "@segany/data-engine";
import { openDataset } from "@segany/dataset";
import { boxToRle } from "@segany/masks";
import { openImageLibrary, startServer } from "@segany/server";
import { createEngineClient, type EngineClient } from "@segany/server/contract";
import { unzipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { saveSmallModel } from "../../data-engine/src/testing/small-project.js";
import { smallImages } from "../../training/src/testing/small-sam.js";
import { createWorkplace } from "./server-process.js";

const workplace = createWorkplace();

const SIZE = { width: 64, height: 64 };
const MASK = boxToRle([8, 8, 20, 10] as never, SIZE);

/** A data folder with a project of images, of which the first `accepted` have a mask. */
async function makeProject(images: number, accepted: number) {
  const root = await mkdtemp(join(tmpdir(), "segany-machine-"));
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  const checkpoint = join(root, "small.safetensors");
  await saveSmallModel(checkpoint);
  const directory = join(root, "data");
  const library = await openImageLibrary(directory);
  const added = [];
  for (const [i, { open }] of smallImages(images).entries()) {
    const name = `${String(i).padStart(2, "0")}.png`;
    const { id } = await library.add(Readable.from([Buffer.from(await open())]), name);
    added.push({ id, name, ...SIZE });
  }
  await library.close();
  const engine = await openDataEngine({ file: join(directory, "engine.sqlite") });
  onTestFinished(engine.close);
  const { id: person } = await createPeople(engine.context).add({ name: "olga", administrator: true }, null);
  const { id: project } = await engine.projects.create(person, {
    ...{ name: "squares", settings: { review: false } },
    classes: [{ name: "square", colour: "#3366cc", attributes: [] }],
  });
  const task = await engine.tasks.create(person, { project, name: "all", images: added, imagesPerJob: 1 });
  for (let i = 0; i < accepted; i++) {
    const lock = (await engine.queue.next(person, project))!;
    const ids = { change: randomUUID(), annotation: randomUUID(), base: 0 };
    const provenance = { source: "manual" as const };
    await engine.annotations.save(lock, [
      { ...ids, kind: "put", mask: MASK, className: "square", provenance },
    ]);
    await engine.locks.done(lock);
    await engine.transitions.complete(person, lock.job);
  }
  const { secret: token } = await createApiTokens(engine.context).create(person, "test");
  return { root, directory, checkpoint, engine, project, task: task.id, token };
}

/** Waits for work to be done. */
async function ended(client: EngineClient, { id: work }: { readonly id: string }) {
  const state = async () => (await client.getWorkItem({ params: { work } })).state;
  await expect.poll(state).not.toMatch(/queued|running/);
  const item = await client.getWorkItem({ params: { work } });
  expect([item.state, item.error]).toEqual(["done", null]);
  return item;
}

test("a project is exported into a zip file, and another is made of it", async () => {
  const { root, directory, checkpoint, project, token } = await makeProject(3, 2);
  const server = await startServer({
    ...{ directory, port: 0, workers: 1, model: { checkpoint, threads: 1 }, logLevel: "silent" },
  });
  onTestFinished(server.close);
  const client = createEngineClient(server.url, { token });

  const begun = await client.exportProject({ params: { project }, body: { format: "coco" } });
  expect(begun).toMatchObject({ kind: "export", project });
  const { result } = await ended(client, begun);
  expect(result).toMatchObject({ images: 2, annotations: 2, imageFiles: 2 });
  const stream = await client.downloadExport({ params: { work: begun.id } });
  const zip = Buffer.from(await new Response(stream).arrayBuffer());
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    await mkdir(dirname(join(root, "set", name)), { recursive: true });
    await writeFile(join(root, "set", name), bytes);
  }
  const dataset = await openDataset(join(root, "set"));
  const records = [];
  for await (const record of dataset.records()) records.push(record);
  expect(records.map(({ annotations }) => annotations[0]!.segmentation)).toEqual([MASK, MASK]);

  const { id: other } = await client.createProject({ body: { name: "again" } });
  const query = { task: "from a file", accepted: "true" } as const;
  const sent = await client.importSet({ params: { project: other }, query, file: new Blob([zip]) });
  const { result: report } = await ended(client, sent);
  expect(report).toMatchObject({ images: 2, masks: 2, boxes: 0, leftOut: [] });
  const { items } = await client.listTasks({ params: { project: other } });
  expect(items.map(({ name }) => name)).toEqual(["from a file"]);
  const again = await client.exportProject({ params: { project: other }, body: { format: "sa1b" } });
  expect((await ended(client, again)).result).toMatchObject({ images: 2, annotations: 2 });

  const broken = await client.importSet({ params: { project: other }, query, file: new Blob(["no zip"]) });
  const dead = async () => (await client.getWorkItem({ params: { work: broken.id } })).state;
  await expect.poll(dead).toBe("dead"); // at once: another attempt can't help
  expect((await client.getWorkItem({ params: { work: broken.id } })).error).toContain("no zip file");
  const none = client.downloadExport({ params: { work: broken.id } });
  await expect(none).rejects.toMatchObject({ code: "not-found" });
});

test("everything mode goes on where a killed server stopped, each image once", async () => {
  const images = 12;
  const { directory, checkpoint, engine, task, token } = await makeProject(images, 0);
  const args = ["--checkpoint", checkpoint, "--threads", "1", "--workers", "1"];
  let server = await workplace.start(directory, args);
  let client = createEngineClient(`${server.address}/`, { token });
  const settings = { pointsPerSide: 6, predIouThresh: 0, stabilityScoreThresh: 0 };
  const body = { ...settings, className: "square" };
  const { id: work } = await client.segmentTask({ params: { task }, body });
  const progress = async () => (await engine.workQueue.get(work)).progress as { done: number } | null;
  for (const least of [1, 5]) {
    await expect.poll(async () => (await progress())?.done ?? 0).toBeGreaterThanOrEqual(least);
    await server.end("SIGKILL");
    server = await workplace.start(directory, args);
  }
  client = createEngineClient(`${server.address}/`, { token });
  const { attempt, result } = await ended(client, { id: work });
  expect(attempt).toBeGreaterThan(1);
  expect(result).toMatchObject({ done: images, total: images, busy: 0, unreadable: 0 });
  const rows = await engine.context.db
    .selectFrom("annotation")
    .innerJoin("annotation_revision", "annotation_revision.annotation_id", "annotation.id")
    .select(["annotation.image_id", "annotation_revision.mask_json", "annotation.class_name"])
    .execute();
  expect(rows).toHaveLength((result as { masks: number }).masks);
  expect(new Set(rows.map((row) => row.image_id + row.mask_json)).size).toBe(rows.length);
  expect(new Set(rows.map(({ image_id }) => image_id)).size).toBe(images);
  expect(rows.every(({ class_name }) => class_name === "square")).toBe(true);
});
