import { expect, test } from "vitest";
import { imageKeys } from "../records/stored-image.js";
import { type OpenedApp, openApp } from "../testing/open-app.js";

const headers = { host: "localhost" };

async function rendition({ app, image }: OpenedApp, maxSide: number | undefined) {
  const query = maxSide === undefined ? "" : `?maxSide=${maxSide}`;
  return await app.inject({ url: `/v1/images/${image.id}/preview${query}`, headers });
}

const keysOf = async ({ services, image }: OpenedApp) =>
  (await services.blobs.list(`images/${image.id}`)).filter((key) => key.includes("rendition"));

test("a rendition is made once however many ask, and then lies on the disk", async () => {
  const opened = await openApp();
  let release: () => void = () => undefined;
  opened.imageWorker.hold = new Promise((resolve) => {
    release = resolve;
  });
  const asked = Array.from({ length: 24 }, () => rendition(opened, 640));
  await expect.poll(() => opened.imageWorker.rendered).toEqual([640]);
  release();
  for (const answer of await Promise.all(asked)) {
    expect([answer.statusCode, answer.body]).toEqual([200, "rendition 640"]);
    expect(answer.headers).toMatchObject({
      "content-type": "image/webp",
      "content-length": "13",
      "cache-control": expect.stringMatching(/immutable/),
    });
  }
  expect((await rendition(opened, 640)).body).toBe("rendition 640");
  expect(opened.imageWorker.rendered).toEqual([640]);
  expect(await keysOf(opened)).toEqual([imageKeys.rendition(opened.image.id, 640)]);
  expect(await opened.services.blobs.list("tmp")).toEqual([]);
});

test("however many sizes are asked for, a few renditions of an image are kept", async () => {
  const opened = await openApp();
  for (let side = 100; side < 120; side++)
    expect((await rendition(opened, side)).body).toBe(`rendition ${side}`);
  const keys = await keysOf(opened);
  expect(keys.length).toBeLessThanOrEqual(4);
  expect(keys).toContain(imageKeys.rendition(opened.image.id, 119));
});

test("renditions go with their image, also one that is being made", async () => {
  const opened = await openApp();
  const { app, image, imageWorker, services } = opened;
  await rendition(opened, 100);
  let release: () => void = () => undefined;
  imageWorker.hold = new Promise((resolve) => {
    release = resolve;
  });
  const late = rendition(opened, 200);
  await expect.poll(() => imageWorker.rendered).toEqual([100, 200]);
  await app.inject({ method: "DELETE", url: `/v1/images/${image.id}`, headers });
  release();
  const answer = await late;
  expect([answer.statusCode, answer.headers.etag]).toEqual([404, undefined]);
  expect(await services.blobs.list(`images/${image.id}`)).toEqual([]);
});

test("a rendition that fails is made again when it is asked for again", async () => {
  const opened = await openApp();
  opened.imageWorker.hold = Promise.reject(new Error("made up for the test"));
  opened.imageWorker.hold.catch(() => undefined);
  expect((await rendition(opened, 300)).statusCode).toBe(500);
  opened.imageWorker.hold = Promise.resolve();
  expect((await rendition(opened, 300)).body).toBe("rendition 300");
});

test("the image as uploaded and its thumbnail come from their files", async () => {
  const opened = await openApp();
  await opened.services.blobs.put(imageKeys.thumbnail(opened.image.id), "small");
  const small = await rendition(opened, 320);
  expect([small.body, small.headers["content-type"]]).toEqual(["small", "image/webp"]);
  const whole = await rendition(opened, undefined);
  expect([whole.body, whole.headers["content-type"]]).toEqual(["x", "image/png"]);
  expect(opened.imageWorker.rendered).toEqual([]);
});

test("an object is cut out by no process that answers clicks, and leaves nothing behind", async () => {
  const { app, image, worker, services } = await openApp();
  const answer = await app.inject({
    method: "POST",
    url: `/v1/images/${image.id}/cut-outs`,
    headers,
    payload: { segmentation: { size: [5, 6], counts: "n0" } },
  });
  expect([answer.statusCode, answer.body, answer.headers["content-type"]]).toEqual([
    200,
    "cut-out",
    "image/png",
  ]);
  expect(worker.calls).toEqual([]);
  await expect.poll(() => services.blobs.list("tmp")).toEqual([]);
});
