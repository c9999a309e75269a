import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compressRle } from "@segany/masks";
import { imageListSchema, paths, type SegmentRequest } from "@segany/server/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../../scripts/testing/limits.mjs";
import { type Client, createClient, multipart, send } from "../test/client.js";
import { createWorkplace, descendants, type ServerProcess } from "../test/server-process.js";
import { makeSmallDisk } from "../test/small-disk.js";
import { paintBomb, paintImage } from "../test/test-images.js";

const MAX_MAIN_BYTES = 500e6;
const MAX_MEDIAN_CLICK_MS = 2000;

const workplace = createWorkplace();
const disk = makeSmallDisk(1024);
let server: ServerProcess;
let client: Client;
/** An image that is clicked on while the attacks run. */
let id: string;
const sockets = new Set<Socket>();
/** Ids of images and jobs that the server has taken; none may be lost. */
const taken = { images: new Set<string>(), jobs: new Set<string>() };

beforeAll(async () => {
  server = await workplace.start(disk ? join(disk.path, "attacked") : workplace.folder("attacked"));
  client = createClient(server.address);
  id = await upload(await paintImage(1, { width: 800, height: 600 }));
  await client.predict(id, { pointCoords: [[30, 30]], pointLabels: [1] });
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
});
afterAll(() => disk?.remove()); // after the servers have ended

/** What the server's own process takes, bytes. */
function mainBytes(): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1];
  return 1024 * Number(kilobytes);
}

/** Sends bytes on a connection that never reads. */
function openUnread(bytes: string): void {
  const { hostname, port } = new URL(server.address);
  const socket = connect(Number(port), hostname).pause();
  socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  sockets.add(socket);
  socket.write(bytes);
}

const post = (path: string, body: object | string) =>
  send(server.address, {
    method: "POST",
    path: `/${path}`,
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

async function upload(bytes: Uint8Array): Promise<string> {
  const image = await client.upload(bytes);
  taken.images.add(image.id);
  return image.id;
}

async function segment(options: SegmentRequest): Promise<string> {
  const job = await client.segment(id, options);
  taken.jobs.add(job.id);
  return job.id;
}

async function untilEnded(jobId: string): Promise<string> {
  const state = async () => (await client.job(jobId)).state;
  await expect.poll(state, { interval: 500 }).toMatch(/^(done|failed|cancelled)$/);
  return state();
}

/** Runs an attack while somebody clicks, and holds memory and times to their bounds. */
async function withstand(attack: () => Promise<unknown>): Promise<void> {
  const clickMs: number[] = [];
  let refused = 0;
  let most = mainBytes();
  let isOver = false;
  const clicks = (async () => {
    while (!isOver || clickMs.length < 5) {
      const beganMs = performance.now();
      const { status } = await post(paths.predict(id), { pointCoords: [[30, 30]], pointLabels: [1] });
      if (status === 200) clickMs.push(performance.now() - beganMs);
      else {
        refused++;
        expect([429, 503]).toContain(status);
      }
      await sleep(100);
    }
  })();
  const watch = (async () => {
    while (!isOver) {
      most = Math.max(most, mainBytes());
      await sleep(50);
    }
  })();
  await attack().finally(() => {
    isOver = true;
  });
  await Promise.all([clicks, watch]);
  const median = clickMs.sort((a, b) => a - b)[clickMs.length >> 1]!;
  console.log(
    `main ${Math.round(most / 1e6)} MB at most; ${clickMs.length} clicks, ${Math.round(median)} ms in the median, ` +
      `${Math.round(clickMs.at(-1)!)} ms at most; ${refused} refused`,
  );
  expect(most).toBeLessThan(MAX_MAIN_BYTES);
  expect(median).toBeLessThan(MAX_MEDIAN_CLICK_MS);
  expect(refused).toBeLessThan(clickMs.length);
}

describe.skipIf(process.platform !== "linux")("a server under attack goes on", () => {
  test("with hundreds of event streams that nobody reads", async () => {
    await withstand(async () => {
      const job = await segment({ pointsPerSide: 32, predIouThresh: 0, stabilityScoreThresh: 0 });
      for (let i = 0; i < 400; i++)
        openUnread(`GET /${paths.jobEvents(job)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      expect(await untilEnded(job)).toBe("done");
    });
  });

  test("with few bytes that claim gigapixels, images and SVG among them", async () => {
    const claim = {
      size: [32_768, 32_768] as const,
      counts: compressRle({ size: [32_768, 32_768], counts: [2 ** 30] }).counts,
    };
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${"<g/>".repeat(2_000_000)}</svg>`);
    await withstand(async () => {
      for (let round = 0; round < 4; round++) {
        const masks = Array.from({ length: 12 }, () => post(paths.cutOuts(id), { segmentation: claim }));
        for (const { status } of await Promise.all(masks)) expect(status).toBe(422);
        for (const bytes of [svg, paintBomb(16_000, 16_000)]) {
          const question = { method: "POST", path: `/${paths.images()}`, ...multipart(bytes) };
          expect([415, 422, 429]).toContain((await send(server.address, question)).status);
        }
      }
    });
  });

  test("with JSON nested deep and JSON of millions of values", async () => {
    const bodies = [
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      `{"box":[1,1,4,4],"own":${"[".repeat(5000)}${"]".repeat(5000)}}`,
      `[${"{},".repeat(1_300_000)}{}]`,
    ];
    await withstand(async () => {
      for (let round = 0; round < 10; round++)
        for (const { status } of await Promise.all(bodies.map((body) => post(paths.predict(id), body))))
          expect([422, 429, 503]).toContain(status);
    });
  });

  test("with requests for images of a hundred megapixels", async () => {
    const large = await upload(paintBomb(10_000, 10_000));
    await withstand(async () => {
      const asked = Array.from({ length: 24 }, (_, i) =>
        send(server.address, { path: `/${paths.preview(large, 1000 + (i % 6))}` }),
      );
      for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    });
  });

  test("with uploads that stand still", async () => {
    const head = `POST /${paths.images()} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n--b\r\n`;
    for (let i = 0; i < 8; i++) openUnread(head);
    const image = await paintImage(77);
    await withstand(async () => {
      const question = { method: "POST", path: `/${paths.images()}`, ...multipart(image) };
      await expect.poll(async () => (await send(server.address, question)).status).toBe(201);
    });
  });

  test.skipIf(!disk)("with its disk full again and again", async () => {
    await withstand(async () => {
      for (let round = 0; round < 4; round++) {
        const running = await segment({ pointsPerSide: 8 });
        disk!.fill();
        const question = {
          method: "POST",
          path: `/${paths.images()}`,
          ...multipart(await paintImage(round)),
        };
        for (let i = 0; i < 8; i++) {
          expect((await send(server.address, question)).status).toBe(507);
          expect((await post(paths.segment(id), { pointsPerSide: 2 })).status).toBe(507);
        }
        disk!.free();
        await upload(await paintImage(100 + round));
        expect(await untilEnded(running)).toBe("done");
      }
    });
  });

  test("with its workers killed under jobs, and loses nothing that it acknowledged", async () => {
    const jobs = await Promise.all(Array.from({ length: 3 }, () => segment({ pointsPerSide: 8 })));
    for (let round = 0; round < 2; round++) {
      await sleep(1000);
      for (const pid of descendants(server.pid)) process.kill(pid, "SIGKILL");
    }
    for (const job of jobs) expect(await untilEnded(job)).toBe("done");
    expect(mainBytes()).toBeLessThan(MAX_MAIN_BYTES);
  });

  test("and has all that it has taken", async () => {
    const { text } = await send(server.address, { path: `/${paths.images()}` });
    const there = new Set(imageListSchema.parse(JSON.parse(text)).images.map((image) => image.id));
    expect([...taken.images].filter((image) => !there.has(image))).toEqual([]);
    const states = await Promise.all([...taken.jobs].map(async (job) => (await client.job(job)).state));
    expect(states.filter((state) => state !== "done")).toEqual([]);
    console.log(`${taken.images.size} images and ${taken.jobs.size} jobs taken, none lost`);
  });

  test("and ends soon, whoever stands still", async () => {
    const timeout = sleep(LIMITS.eventMs, undefined, { ref: false });
    const ended = await Promise.race([server.end("SIGTERM"), timeout]);
    expect(ended).toBeDefined();
    expect(server.output()).not.toMatch(/uncaught|unhandled|MaxListeners/i);
  });
});
