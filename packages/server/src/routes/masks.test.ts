import { expect, test } from "vitest";
import { createApp } from "../app.js";
import { openWorkerPool } from "../inference/worker-pool.js";
import { DEFAULT_LIMITS } from "../options.js";
import type { StoredImage } from "../records/stored-image.js";
import type { Services } from "../services.js";
import { createFakeWorker } from "../testing/fake-worker.js";

const ID = "a".repeat(64);

/** The app over a store in memory and one image of 4 x 2 pixels. */
async function openApp() {
  const kept = new Map<string, Buffer>();
  const blobs = {
    get: async (key: string) => kept.get(key),
    put: async (key: string, bytes: string) => void kept.set(key, Buffer.from(bytes)),
  };
  const images = { get: (id: string) => ({ id, width: 4, height: 2 }) as StoredImage };
  const stopping = new AbortController().signal;
  const workers = { onWorkerLost: () => undefined, startProcess: createFakeWorker };
  const pool = await openWorkerPool({}, 1, DEFAULT_LIMITS, workers);
  const services = { blobs, images, pool, limits: DEFAULT_LIMITS, stopping } as unknown as Services;
  const app = await createApp(services, { loopback: true, token: undefined, logLevel: "silent" });
  const headers = { host: "localhost" };
  const url = `/v1/images/${ID}/masks`;
  return {
    put: (payload: object) => app.inject({ method: "PUT", url, headers, payload }),
    get: () => app.inject({ url, headers }),
  };
}

const image = { image_id: 1, width: 4, height: 2, file_name: "a.png" };
const mask = (height: number, width: number) => ({ segmentation: { size: [height, width], counts: "8" } });

test("masks of the image's size are kept as they were sent", async () => {
  const { put, get } = await openApp();
  expect((await get()).statusCode).toBe(204);
  const masks = { image, annotations: [{ ...mask(2, 4), label: "pear" }] };
  expect((await put(masks)).statusCode).toBe(204);
  expect((await get()).json()).toEqual(masks);
});

test.each([
  ["an image of another width", { ...image, width: 5 }, mask(2, 4)],
  ["an image of another height", { ...image, height: 3 }, mask(2, 4)],
  ["a mask that is wider", image, mask(2, 5)],
  ["a mask that is higher", image, mask(3, 4)],
  ["a mask on its side", image, mask(4, 2)],
])("masks are refused for %s, and those from before stay", async (_, about, annotation) => {
  const { put, get } = await openApp();
  const before = { image, annotations: [mask(2, 4)] };
  await put(before);
  const answer = await put({ image: about, annotations: [mask(2, 4), annotation] });
  expect([answer.statusCode, answer.json().code]).toEqual([422, "mask-invalid"]);
  expect((await get()).json()).toEqual(before);
});
