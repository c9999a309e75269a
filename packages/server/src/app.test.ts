import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "./app.js";
import type { BlobStore } from "./blobs/blob-store.js";
import { createEngine } from "./database/open-engine.js";
import { openEmbeddingService } from "./embeddings/embedding-service.js";
import { OPERATIONS } from "./http/operations.js";
import { createLocalClassStore } from "./images/class-store.js";
import { openImageWorker } from "./images/image-worker.js";
import { openLocalImageStore } from "./images/local-image-store.js";
import { createLocalKeptMaskStore } from "./images/local-kept-mask-store.js";
import { createRenditions } from "./images/renditions.js";
import { openWorkerPool, type WorkerPool } from "./inference/worker-pool.js";
import { openLocalJobQueue } from "./jobs/local-job-queue.js";
import { createServedModels } from "./models/served-models.js";
import { DEFAULT_LIMITS } from "./options.js";
import { imageKeys } from "./records/stored-image.js";
import { createFakeWorker } from "./testing/fake-worker.js";
import { createFaultyStore, diskFull } from "./testing/faulty-store.js";
import { openStore } from "./testing/open-store.js";
import { IMAGE_ID, storedImage } from "./testing/records.js";
import { createTurns } from "./turns.js";

const limits = DEFAULT_LIMITS;
const local = { host: "localhost:8765" };
let root = "";
let pool: WorkerPool;

async function appWith(
  security: { loopback: boolean; token: string | undefined },
  store?: BlobStore,
): Promise<FastifyInstance> {
  const blobs = store ?? (await openStore(root));
  const inTurn = createTurns();
  const images = await openLocalImageStore(blobs, () => undefined, inTurn);
  const keptMasks = createLocalKeptMaskStore(blobs, images, inTurn);
  const embeddings = await openEmbeddingService(blobs, images, pool, limits);
  const engine = createEngine({ file: join(root, "engine.sqlite") });
  const models = createServedModels({
    ...{ engine, pool, folder: root, running: {}, embeddings, report: () => undefined },
    openEmbeddings: (other) => openEmbeddingService(blobs, images, pool, limits, { other }),
  });
  const jobs = await openLocalJobQueue(blobs, {
    ...{ pool, limits, report: () => undefined },
    services: { blobs, models, limits },
  });
  const imageWorker = openImageWorker(limits); // starts no process before it is asked
  const renditions = createRenditions(blobs, images, imageWorker);
  const stopping = new AbortController().signal;
  const services = { blobs, images, keptMasks, imageWorker, renditions, models, jobs, pool, limits };
  const classes = createLocalClassStore(blobs);
  return createApp({ ...services, classes, engine, stopping }, { ...security, logLevel: "silent" });
}

/** "GET /v1/images/:id" for each route, from the tree that Fastify prints: four characters a level. */
function routesOf(app: FastifyInstance): string[] {
  const parts: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((line) => {
      const [, indent = "", part = "", methods = ""] = /^(.*)── (\S*) \((.*)\)$/.exec(line) ?? [];
      const depth = Math.floor(indent.length / 4);
      parts.splice(depth, Infinity, part);
      const path = parts.slice(0, depth + 1).join("");
      return methods
        .split(", ")
        .filter((method) => method && method !== "HEAD")
        .map((method) => `${method} ${path}`);
    });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "segany-app-"));
  pool = await openWorkerPool({}, 1, limits, {
    onWorkerLost: () => undefined,
    startProcess: createFakeWorker,
  });
});
afterAll(async () => {
  pool.close();
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
});

describe("on this machine only", () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await appWith({ loopback: true, token: undefined });
  });
  afterAll(() => app.close());

  test("the description lists every route that there is, and no other", () => {
    for (const { method, path } of OPERATIONS)
      expect(app.hasRoute({ method: method.toUpperCase() as "GET", url: path }), `${method} ${path}`).toBe(
        true,
      );
    const listed = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
    expect(
      routesOf(app)
        .filter((route) => route !== "GET /")
        .sort(),
    ).toEqual(listed.sort());
  });

  test("the description is OpenAPI 3.1 with schemas of the contract", async () => {
    const document = (await app.inject({ url: "/openapi.json", headers: local })).json();
    expect(document.openapi).toBe("3.1.0");
    const predict = document.paths["/v1/images/{id}/predict"].post;
    expect(Object.keys(predict.requestBody.content["application/json"].schema.properties)).toContain(
      "pointCoords",
    );
    const { get, put } = document.paths["/v1/images/{id}/masks"];
    for (const answer of [get.responses[200], get.responses[304], put.responses[204], put.responses[412]])
      expect(Object.keys(answer.headers)).toEqual(["ETag"]);
    const names = put.parameters.map(({ name }: { name: string }) => name);
    expect(names).toEqual(["id", "If-Match", "If-None-Match"]);
  });

  test.each(["localhost", "localhost:8765", "127.0.0.1:1", "[::1]:8765", "LOCALHOST"])(
    "answers as %s",
    async (host) => {
      expect((await app.inject({ url: "/health", headers: { host } })).statusCode).toBe(200);
    },
  );

  test.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil@localhost"])(
    "does not answer as %s",
    async (host) => {
      const { statusCode, body } = await app.inject({ url: "/v1/images", headers: { host } });
      expect([statusCode, JSON.parse(body).code]).toEqual([403, "forbidden-host"]);
    },
  );

  test.each([
    [{ origin: "http://evil.example" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "http://localhost:8765" }, 404],
    [{}, 404],
  ])("a request that changes something with %j gets %i", async (headers, status) => {
    const url = `/v1/images/${"0".repeat(64)}`;
    const answer = await app.inject({ method: "DELETE", url, headers: { ...local, ...headers } });
    expect(answer.statusCode).toBe(status);
  });

  test("every answer carries the headers that isolate the page", async () => {
    const { headers } = await app.inject({ url: "/nothing", headers: local });
    expect(headers).toMatchObject({
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "x-content-type-options": "nosniff",
    });
  });

  test("without a built studio the page says how to build it", async () => {
    expect((await app.inject({ url: "/", headers: local })).body).toContain("npm run build");
  });
});

describe("with a token", () => {
  const token = "s3cret=/+";
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await appWith({ loopback: false, token });
  });
  afterAll(() => app.close());

  test("without it or with another nothing but health answers", async () => {
    for (const headers of [{}, { authorization: "Bearer wrong" }, { cookie: "segany_token=wrong%" }]) {
      const { statusCode, body } = await app.inject({ url: "/v1/images", headers });
      expect([statusCode, JSON.parse(body).code]).toEqual([401, "unauthorized"]);
    }
    expect((await app.inject({ url: "/health" })).statusCode).toBe(200);
  });

  test("with it programs are let in under any name", async () => {
    const headers = { authorization: `Bearer ${token}`, host: "labels.example" };
    expect((await app.inject({ url: "/v1/images", headers })).json()).toEqual({ images: [] });
  });

  test("the page gets it as a cookie, and it leaves the address", async () => {
    const first = await app.inject({ url: `/?token=${encodeURIComponent(token)}` });
    expect([first.statusCode, first.headers.location]).toEqual([303, "/"]);
    const cookie = String(first.headers["set-cookie"]);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    const kept = cookie.split(";")[0]!;
    expect((await app.inject({ url: "/v1/images", headers: { cookie: kept } })).statusCode).toBe(200);
  });
});

test("a full disk is answered with 507, and with what to do", async () => {
  const blobs = createFaultyStore(await openStore(root));
  await blobs.put(imageKeys.info(IMAGE_ID), JSON.stringify(storedImage()));
  const app = await appWith({ loopback: true, token: undefined }, blobs);
  blobs.faultOf = () => diskFull();
  const image = { image_id: 1, width: 4, height: 3, file_name: "cat.jpg" };
  const questions = [
    { method: "PUT", url: `/v1/images/${IMAGE_ID}/masks`, payload: { image, annotations: [] } },
    { method: "POST", url: `/v1/images/${IMAGE_ID}/segment`, payload: {} },
    { method: "DELETE", url: `/v1/images/${IMAGE_ID}` },
  ] as const;
  for (const question of questions) {
    const { statusCode, body } = await app.inject({ ...question, headers: local });
    expect([statusCode, JSON.parse(body)]).toEqual([
      507,
      { code: "storage-full", message: expect.stringContaining("Free some space") },
    ]);
  }
  blobs.faultOf = () => undefined;
  for (const question of questions)
    expect((await app.inject({ ...question, headers: local })).statusCode).toBeLessThan(300);
  await app.close();
});
