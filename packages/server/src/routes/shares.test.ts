import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { EncodeTask, PredictTask } from "../inference/messages.js";
import type { FakeWorker } from "../testing/fake-worker.js";
import { openApp } from "../testing/open-app.js";

async function open() {
  const { app, services, image, worker } = await openApp({
    maxQueuedClicksPerClient: 3,
    maxQueuedWorkPerClient: 3,
  });
  const post = (remoteAddress: string, path: string, payload: object) =>
    app.inject({ method: "POST", url: `/v1/images/${image.id}/${path}`, remoteAddress, payload });
  const click = (remoteAddress: string, x: number) =>
    post(remoteAddress, "predict", { pointCoords: [[x, 0]], pointLabels: [1] });
  return { services, post, click, worker };
}

async function callOf(worker: FakeWorker, index: number) {
  await expect.poll(() => worker.calls.length).toBeGreaterThan(index);
  return worker.calls[index]!;
}

async function encode(worker: FakeWorker): Promise<void> {
  const call = await callOf(worker, 0);
  const { float32Path, float16Path } = call.input as EncodeTask;
  for (const path of [float32Path, float16Path]) await writeFile(path, "values");
  call.answer({ width: 6, height: 5 });
}

test("a client that asks over and over is refused, and another is answered next", async () => {
  const { services, click, worker } = await open();
  let refused = 0;
  const greedy = Array.from({ length: 6 }, async (_, x) => {
    const { statusCode } = await click("10.0.0.1", x);
    if (statusCode === 429) refused++;
    return statusCode;
  });
  await encode(worker);
  await callOf(worker, 1);
  await expect.poll(() => refused).toBe(2);
  const other = click("10.0.0.2", 6);
  await expect.poll(() => services.pool.load().clicks).toBe(4);
  const answered: number[] = [];
  for (let i = 1; i <= 5; i++) {
    const call = await callOf(worker, i);
    answered.push((call.input as PredictTask).request.pointCoords![0]![0]);
    call.answer({ masks: [] });
  }
  expect(answered).toHaveLength(5);
  expect(answered[1]).toBe(6);
  expect((await other).statusCode).toBe(200);
  expect((await Promise.all(greedy)).sort()).toEqual([200, 200, 200, 200, 429, 429]);
});

test("a client's jobs leave room for those of others", async () => {
  const { post } = await open();
  const submit = async (address: string) => (await post(address, "segment", {})).statusCode;
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push(await submit("10.0.0.1"));
  expect(statuses).toEqual([202, 202, 202, 429]);
  expect(await submit("::ffff:10.0.0.1")).toBe(429);
  expect(await submit("10.0.0.2")).toBe(202);
});
