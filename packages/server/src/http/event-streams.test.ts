import { type AddressInfo, connect, type Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { expect, onTestFinished, test, vi } from "vitest";
import { readEvents } from "../../test/events.js";
import { addErrorHandler } from "./error-handler.js";
import type { EventStream } from "./event-stream.js";
import { createEventStreams, type EventStreamsOptions } from "./event-streams.js";

interface Opened {
  readonly app: FastifyInstance;
  readonly port: number;
  /** Those that are open, in their order. */
  readonly streams: Set<EventStream>;
  readonly stop: AbortController;
}

async function open({ limits, ...options }: Partial<EventStreamsOptions> = {}): Promise<Opened> {
  const stop = new AbortController();
  const all = { maxEventStreams: 1000, maxEventStreamsPerClient: 1000, ...limits };
  const hub = createEventStreams({ stopping: stop.signal, ...options, limits: all });
  const streams = new Set<EventStream>();
  const app = Fastify({ forceCloseConnections: true });
  addErrorHandler(app);
  app.get("/events", async (request, reply) => {
    const stream = hub.open(request, reply);
    streams.add(stream);
    stream.onClose(() => streams.delete(stream));
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(async () => {
    stop.abort();
    await app.close();
  });
  return { app, port: (app.server.address() as AddressInfo).port, streams, stop };
}

/** A client that asks for events and never reads them. */
async function openUnread({ port, streams }: Opened): Promise<Socket> {
  const before = streams.size;
  const socket = connect(port, "127.0.0.1", () =>
    socket.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  );
  socket.on("error", () => undefined);
  socket.pause();
  onTestFinished(() => void socket.destroy());
  await expect.poll(() => streams.size).toBeGreaterThan(before);
  return socket;
}

/** A text that no two calls have in common. */
const textOf = (bytes: number, number: number) => ({ number, text: String(number % 10).repeat(bytes) });

const heldBytes = () => {
  const { arrayBuffers, external, heapUsed } = process.memoryUsage();
  return arrayBuffers + external + heapUsed;
};

test("hundreds of streams that nobody reads take no more memory than a few", async () => {
  const opened = await open();
  await Promise.all(Array.from({ length: 300 }, () => openUnread(opened)));
  await expect.poll(() => opened.streams.size).toBe(300);
  const before = heldBytes();
  let most = 0;
  for (let i = 0; i < 40; i++) {
    const found = textOf(2 ** 20, i);
    for (const stream of opened.streams) stream.send("masks", found);
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, heldBytes() - before);
  }
  // 12 GB were sent. Each connection holds some hundred kilobytes, each of the forty texts is there once at
  // most.
  expect(most).toBeLessThan(300 * 2 ** 20);
});

test("a value is written once however many streams hear it", async () => {
  const opened = await open();
  await Promise.all(Array.from({ length: 20 }, () => openUnread(opened)));
  const toJSON = vi.fn(() => "x");
  const data = { toJSON };
  for (const stream of opened.streams) stream.send("masks", data);
  expect(toJSON).toHaveBeenCalledTimes(1);
});

test("who reads slowly hears the last event of each name, whole, and the end", async () => {
  const opened = await open();
  const response = await fetch(`http://127.0.0.1:${opened.port}/events`);
  await expect.poll(() => opened.streams.size).toBe(1);
  const [stream] = opened.streams;
  for (let i = 0; i < 200; i++) {
    stream!.send("masks", textOf(2 ** 20, i));
    stream!.send("progress", { done: i });
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream!.send("done", { state: "done" });
  stream!.end();
  stream!.send("masks", textOf(1, 999)); // after the end there is nothing
  const heard = (await response.text())
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block)!)
    .map(([, id, event, data]) => ({ id: Number(id), event: event!, data: JSON.parse(data!) }));
  expect(heard.map(({ id }) => id)).toEqual(heard.map((_, i) => i + 1));
  expect(heard.length).toBeLessThan(200);
  expect(heard.at(-1)).toMatchObject({ event: "done" });
  const last = (name: string) => heard.filter(({ event }) => event === name).at(-1)?.data;
  expect(last("masks")).toEqual(textOf(2 ** 20, 199));
  expect(last("progress")).toEqual({ done: 199 });
});

test("who reads hears every event in its order", async () => {
  const opened = await open();
  const events = readEvents(`http://127.0.0.1:${opened.port}/events`, { "last-event-id": "7" });
  const first = events.next();
  await expect.poll(() => opened.streams.size).toBe(1);
  const [stream] = opened.streams;
  for (let i = 0; i < 5; i++) {
    stream!.send("progress", { done: i });
    const { value } = i === 0 ? await first : await events.next();
    expect(value).toEqual({ id: String(8 + i), event: "progress", data: { done: i } });
  }
  await events.return(undefined);
  await expect.poll(() => opened.streams.size).toBe(0);
});

test("who takes nothing for too long is cut off, and the others stay", async () => {
  const opened = await open({ maxStallMs: 100 });
  const idle = await openUnread(opened);
  const [unasked] = opened.streams;
  const stalled = await openUnread(opened);
  const closed = new Promise((resolve) => stalled.once("close", resolve));
  const second = [...opened.streams][1]!;
  for (let i = 0; i < 40; i++) second.send(`masks ${i}`, textOf(2 ** 20, i));
  await expect.poll(() => opened.streams.size).toBe(1);
  stalled.resume(); // what the system holds comes, and then the end
  await closed;
  expect([...opened.streams]).toEqual([unasked]);
  expect(idle.destroyed).toBe(false);
});

test("above what may wait for all, some are cut off and the others stay", async () => {
  const opened = await open({ maxWaitingBytes: 30 * 2 ** 20 });
  for (let i = 0; i < 4; i++) await openUnread(opened);
  const all = [...opened.streams];
  for (const [i, stream] of all.entries())
    for (let part = 0; part < 20; part++) stream.send(`part ${part}`, textOf(2 ** 20, 100 * i + part));
  await expect.poll(() => opened.streams.size).toBeLessThan(4);
  expect(opened.streams.size).toBeGreaterThan(0);
});

test("streams are counted for each client and for all, and given back", async () => {
  const opened = await open({ limits: { maxEventStreams: 9, maxEventStreamsPerClient: 3 } });
  const sockets = [];
  for (let i = 0; i < 3; i++) sockets.push(await openUnread(opened));
  const refused = await fetch(`http://127.0.0.1:${opened.port}/events`);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.json()).toEqual({
    code: "too-many-requests",
    message: "One client may have 3 event streams; close some first.",
  });
  sockets[0]!.destroy();
  await expect.poll(() => opened.streams.size).toBe(2);
  await openUnread(opened);
});

test("the end of the server ends them, those that nobody reads included", async () => {
  const opened = await open();
  await openUnread(opened);
  const [stalled] = opened.streams;
  for (let i = 0; i < 40; i++) stalled!.send(`masks ${i}`, textOf(2 ** 20, i));
  const response = await fetch(`http://127.0.0.1:${opened.port}/events`);
  await expect.poll(() => opened.streams.size).toBe(2);
  opened.stop.abort();
  expect(await response.text()).toBe("retry: 1000\n\n");
  await expect.poll(() => opened.streams.size).toBe(0);
});
