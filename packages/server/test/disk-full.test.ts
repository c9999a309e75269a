import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { imageListSchema, type PredictRequest, paths } from "@segany/server/contract";
import { afterAll, expect, it } from "vitest";
import { createClient, expectError, json, multipart, type Question, send } from "./client.js";
import { createWorkplace } from "./server-process.js";
import { makeSmallDisk } from "./small-disk.js";
import { paintImage, stillLife } from "./test-images.js";

const workplace = createWorkplace();
const disk = makeSmallDisk(24);
afterAll(() => disk?.remove());

const POINT: PredictRequest = { pointCoords: [[30, 30]], pointLabels: [1] };
const MASKS = {
  image: { image_id: 1, width: 1200, height: 800, file_name: "a.jpg" },
  annotations: [{ id: 1, segmentation: { size: [800, 1200], counts: "T3b1Z[Ym0" } }],
};

it.skipIf(!disk)(
  "on a full disk it refuses with a clear answer, leaves nothing, and goes on when there is room",
  async () => {
    const { path, fill, free } = disk!;
    const directory = join(path, "data");
    const server = await workplace.start(directory);
    const ask = (question: Question) => send(server.address, question);
    const client = createClient(server.address);
    const { id } = await client.upload(stillLife);
    await client.predict(id, POINT);
    const running = await client.segment(id, { pointsPerSide: 8 });
    fill();

    const upload = {
      method: "POST",
      path: `/${paths.images()}`,
      ...multipart(await paintImage(1, { width: 400, height: 300 })),
    };
    const submit = { method: "POST", path: `/${paths.segment(id)}`, ...json({ pointsPerSide: 2 }) };
    const keep = { method: "PUT", path: `/${paths.masks(id)}`, ...json(MASKS) };
    for (const question of [upload, submit, keep, upload, submit, keep]) {
      const answer = await ask(question);
      expectError(answer, "storage-full");
      expect(answer.text).toContain("disk is full");
    }
    await expect.poll(server.output).toContain(`The end of job ${running.id} can't be written yet`);
    expect((await client.job(running.id)).state).toBe("running");
    const { images } = imageListSchema.parse(JSON.parse((await ask({ path: `/${paths.images()}` })).text));
    expect(images.map((image) => image.id)).toEqual([id]);
    expect(readdirSync(join(directory, "tmp"))).toEqual([]);
    expect(readdirSync(join(directory, "images", id)).sort()).toEqual([
      "file",
      "image.json",
      "thumbnail.webp",
    ]);
    expect((await ask({ path: "/metrics" })).text).toMatch(/segany_jobs_open 1\n/);
    expect((await client.predict(id, POINT)).masks).toHaveLength(3);

    free();
    await expect.poll(async () => (await client.job(running.id)).state).toBe("done");
    expect((await ask(upload)).status).toBe(201);
    expect((await ask(keep)).status).toBe(204);
    const { id: job } = await client.segment(id, { pointsPerSide: 2 });
    await expect.poll(async () => (await client.job(job)).state).toBe("done");
    await server.end();
  },
);

it.skipIf(!disk)("says of a folder on a read-only disk that it is read-only", async () => {
  const { path, setReadOnly } = disk!;
  const [ours, empty] = [join(path, "ours"), join(path, "empty")];
  await (await workplace.start(ours)).end();
  mkdirSync(empty);
  setReadOnly(true);
  for (const folder of [ours, empty, join(path, "new"), join(path, "new/inner")]) {
    const { status, output } = await workplace.run(folder, ["--port", "0"]);
    expect(output).toMatch(
      /can't be used for the server's data: its file system is read-only. Choose another folder/,
    );
    expect(output).toContain(folder);
    expect(status).toBe(1);
  }
  setReadOnly(false);
});

it.skipIf(!disk)("starts on a full disk, and encodes once there is room", async () => {
  const { path, fill, free } = disk!;
  const directory = join(path, "data-2");
  const first = await workplace.start(directory);
  const { id } = await createClient(first.address).upload(stillLife);
  await first.end();
  fill();
  const server = await workplace.start(directory, ["--precision", "int8"]); // its embeddings are others
  const client = createClient(server.address);
  const click = { method: "POST", path: `/${paths.predict(id)}`, ...json(POINT) };
  for (let i = 0; i < 2; i++) expectError(await send(server.address, click), "storage-full");
  expect((await client.image(id)).embedding).toMatchObject({
    state: "failed",
    message: expect.stringContaining("disk is full"),
  });
  expect(readdirSync(join(directory, "tmp"))).toEqual([]);
  free();
  expect((await client.predict(id, POINT)).masks).toHaveLength(3);
  await server.end();
});
