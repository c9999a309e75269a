import { expect, onTestFinished, test } from "vitest";
import { errorSchema } from "../contract/errors.js";
import { openListener } from "../http/listener.js";
import { openApp } from "../testing/open-app.js";
import { openRaw, partsOf } from "../testing/raw-client.js";

const PATIENT = { maxIdleMs: 1e9, graceMs: 1e9, minBytesPerS: 1 };

async function listen(limits: Parameters<typeof openApp>[0], pace = PATIENT) {
  const listener = await openListener("127.0.0.1", 0, { pace });
  const { app, services } = await openApp(limits, listener);
  await app.ready();
  listener.answerWith(app.routing);
  onTestFinished(listener.close);
  return { port: listener.port, services };
}

const PART = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n`;

/** The first bytes of an upload; the rest never comes. */
const halfUpload = (sent: string) =>
  `POST /v1/images HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n${sent}`;

async function upload(port: number, name: string): Promise<Response> {
  const form = new FormData();
  form.append("file", new Blob([name]), name);
  return fetch(`http://localhost:${port}/v1/images`, { method: "POST", body: form });
}

const codeOf = async (answer: Response) => errorSchema.parse(await answer.json()).code;

test.each([
  ["head alone", ""],
  ["half a part's head", PART.slice(0, 30)],
  ["half a file", `${PART}${"a".repeat(1000)}`],
])("eight uploads that stop after %s don't keep others out", async (_, sent) => {
  const { port } = await listen({ maxUploads: 8, maxUploadsPerClient: 8 });
  const stalled = Array.from({ length: 8 }, () => openRaw(port, halfUpload(sent)));
  await expect.poll(async () => (await upload(port, "early.png")).status).toBe(429);
  // The first to come after they have stood still for a while gets the place of one of them.
  await expect.poll(async () => (await upload(port, "late.png")).status).toBe(201);
  const { status, body } = partsOf(await Promise.race(stalled.map(({ ended }) => ended)));
  expect([status, JSON.parse(body).code]).toEqual([408, "request-timeout"]);
});

test("eight uploads that trickle don't keep others out, and one that arrives is not ended for them", async () => {
  const pace = { ...PATIENT, minBytesPerS: 8192 };
  const { port } = await listen({ maxUploads: 9, maxUploadsPerClient: 9 }, pace);
  const trickling = Array.from({ length: 8 }, () => openRaw(port, halfUpload(PART)));
  const arriving = openRaw(port, halfUpload(PART));
  let isEnded = false;
  void arriving.ended.then(() => {
    isEnded = true;
  });
  const clock = setInterval(() => {
    for (const client of trickling) client.write("a");
    arriving.write("a".repeat(2000));
  }, 50);
  onTestFinished(() => clearInterval(clock));
  await expect.poll(async () => (await upload(port, "early.png")).status).toBe(429);
  await expect.poll(async () => (await upload(port, "late.png")).status).toBe(201);
  const { status, body } = partsOf(await Promise.race(trickling.map(({ ended }) => ended)));
  expect([status, JSON.parse(body).code, isEnded]).toEqual([408, "request-timeout", false]);
});

test("one client has no more places than its share, however many there are", async () => {
  const { port } = await listen({ maxUploads: 8, maxUploadsPerClient: 2 });
  const moving = Array.from({ length: 2 }, () => openRaw(port, halfUpload(PART)));
  const clock = setInterval(() => {
    for (const client of moving) client.write("a");
  }, 50);
  onTestFinished(() => clearInterval(clock));
  await expect.poll(async () => (await upload(port, "third.png")).status).toBe(429);
  const answer = await upload(port, "fourth.png");
  expect([await codeOf(answer), answer.headers.get("retry-after")]).toEqual(["too-many-requests", "1"]);
  for (const client of moving) client.socket.destroy();
  await expect.poll(async () => (await upload(port, "fifth.png")).status).toBe(201);
});

test("an upload that is ended for another leaves nothing behind", async () => {
  const { port, services } = await listen({ maxUploads: 1, maxUploadsPerClient: 1 });
  const stalled = openRaw(port, halfUpload(`${PART}${"a".repeat(100_000)}`));
  await expect.poll(async () => (await upload(port, "other.png")).status).toBe(201);
  await stalled.ended;
  const { images } = (await (await fetch(`http://localhost:${port}/v1/images`)).json()) as {
    images: unknown[];
  };
  expect(images).toHaveLength(2); // the one that was there, and the other
  await expect.poll(() => services.blobs.list("tmp")).toEqual([]);
});
