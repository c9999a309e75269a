import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { compressRle } from "@segany/masks";
import { imageListSchema, paths } from "@segany/server/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../../scripts/testing/limits.mjs";
import { type Client, createClient, multipart, send } from "../test/client.js";
import { paintBomb, paintPicture } from "../test/pictures.js";
import { createWorkplace, descendants, type ServerProcess } from "../test/server-process.js";

const MAX_MAIN_BYTES = 500e6;
const MAX_MEDIAN_CLICK_MS = 2000;

const workplace = createWorkplace();
let server: ServerProcess;
let client: Client;
/** An image that is clicked on while the attacks run. */
let id: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = await workplace.start(workplace.folder("attacked"));
  client = createClient(server.address);
  ({ id } = await client.upload(await paintPicture(1, { width: 800, height: 600 })));
  await client.predict(id, { pointCoords: [[30, 30]], pointLabels: [1] });
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
});

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

async function untilEnded(jobId: string): Promise<string> {
  const state = async () => (await client.job(jobId)).state;
  await expect.poll(state, { interval: 500 }).toMatch(/^(done|failed|cancelled)$/);
  return state();
}

/** Runs an attack while somebody clicks, and holds memory and times to their bounds. */
async function withstand(attack: () => Promise<unknown>): Promise<void> {
  const clickMs: number[] = [];
  let most = mainBytes();
  let isOver = false;
  const clicks = (async () => {
    while (!isOver || clickMs.length < 5) {
      const beganMs = performance.now();
      const { status } = await post(paths.predict(id), { pointCoords: [[30, 30]], pointLabels: [1] });
      if (status === 200) clickMs.push(performance.now() - beganMs);
      else expect([429, 503]).toContain(status);
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
  console.log(`main ${Math.round(most / 1e6)} MB at most, click ${Math.round(median)} ms in the median`);
  expect(most).toBeLessThan(MAX_MAIN_BYTES);
  expect(median).toBeLessThan(MAX_MEDIAN_CLICK_MS);
}

describe.skipIf(process.platform !== "linux")("a server under attack goes on", () => {
  test("with hundreds of event streams that nobody reads", async () => {
    await withstand(async () => {
      const job = await client.segment(id, { pointsPerSide: 32, predIouThresh: 0, stabilityScoreThresh: 0 });
      for (let i = 0; i < 400; i++)
        openUnread(`GET /${paths.jobEvents(job.id)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      expect(await untilEnded(job.id)).toBe("done");
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
    const { id: large } = await client.upload(paintBomb(10_000, 10_000));
    await withstand(async () => {
      const asked = Array.from({ length: 24 }, (_, i) =>
        send(server.address, { path: `/${paths.picture(large, 1000 + (i % 6))}` }),
      );
      for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    });
  });

  test("with uploads that stand still", async () => {
    const head = `POST /${paths.images()} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n--b\r\n`;
    for (let i = 0; i < 8; i++) openUnread(head);
    const picture = await paintPicture(77);
    await withstand(async () => {
      const upload = { method: "POST", path: `/${paths.images()}`, ...multipart(picture) };
      await expect.poll(async () => (await send(server.address, upload)).status).toBe(201);
    });
  });

  test("with its workers killed under jobs, and loses nothing that it acknowledged", async () => {
    const jobs = await Promise.all(Array.from({ length: 3 }, () => client.segment(id, { pointsPerSide: 8 })));
    for (let round = 0; round < 2; round++) {
      await sleep(1000);
      for (const pid of descendants(server.pid)) process.kill(pid, "SIGKILL");
    }
    for (const job of jobs) expect(await untilEnded(job.id)).toBe("done");
    const { text } = await send(server.address, { path: `/${paths.images()}` });
    expect(imageListSchema.parse(JSON.parse(text)).images.map((image) => image.id)).toContain(id);
    expect(mainBytes()).toBeLessThan(MAX_MAIN_BYTES);
  });

  test("and ends soon, whoever stands still", async () => {
    const timeout = sleep(LIMITS.eventMs, undefined, { ref: false });
    const ended = await Promise.race([server.end("SIGTERM"), timeout]);
    expect(ended).toBeDefined();
    expect(server.output()).not.toMatch(/uncaught|unhandled|MaxListeners/i);
  });
});
