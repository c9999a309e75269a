import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openRaw, partsOf } from "../testing/raw-client.js";
import { CONNECTION_LIMITS } from "./connections.js";
import { type Listener, openListener } from "./listener.js";

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

async function listen(limits: Partial<typeof CONNECTION_LIMITS>): Promise<Listener> {
  const listener = await openListener("127.0.0.1", 0, { connections: { ...CONNECTION_LIMITS, ...limits } });
  onTestFinished(listener.close);
  return listener;
}

/** Asks and never reads. */
function openUnread(port: number) {
  const client = openRaw(port, GET);
  client.socket.pause();
  return client;
}

test("connections are counted for each client, and those above are answered", async () => {
  const listener = await listen({ maxConnectionsPerClient: 3 });
  listener.answerWith((_request, response) => void response.end("hello"));
  const clients = [openRaw(listener.port, GET), openRaw(listener.port, GET), openRaw(listener.port, GET)];
  await Promise.all(clients.map(({ socket }) => new Promise((resolve) => socket.once("data", resolve))));
  const { status, headers, body } = partsOf(await openRaw(listener.port, GET).ended);
  expect([status, JSON.parse(body).code, headers["retry-after"]]).toEqual([429, "too-many-requests", "1"]);
  clients[0]!.socket.destroy();
  await expect
    .poll(async () => (await fetch(`http://127.0.0.1:${listener.port}/`).catch(() => undefined))?.status)
    .toBe(200);
});

test("an answer that nobody reads is given up, and one that takes long to be made is not", async () => {
  const listener = await listen({ maxUnreadMs: 500 });
  const closed: string[] = [];
  listener.answerWith((request, response) => {
    response.once("close", () => closed.push(request.url ?? ""));
    if (request.url === "/late")
      setTimeout(() => response.end("late"), 2500); // the time itself is tested
    else response.end(Buffer.alloc(2 ** 25));
  });
  const late = fetch(`http://127.0.0.1:${listener.port}/late`);
  openUnread(listener.port);
  await expect.poll(() => closed).toEqual(["/"]);
  expect(await (await late).text()).toBe("late");
});

test("a reader that is slow but reads has its answer whole", async () => {
  const listener = await listen({ maxUnreadMs: 1000 });
  listener.answerWith((_request, response) => void response.end(Buffer.alloc(2 ** 23, "a")));
  const client = openRaw(listener.port, GET.replace("localhost", "localhost\r\nConnection: close"));
  client.socket.pause();
  const clock = setInterval(() => client.socket.resume().once("data", () => client.socket.pause()), 5);
  const text = await client.ended;
  clearInterval(clock);
  expect(text.length).toBeGreaterThan(2 ** 23);
});

test("answers that nobody reads hold no more memory together than they may", async () => {
  const listener = await listen({ maxUnreadBytes: 2 ** 26 });
  let open = 0;
  listener.answerWith((_request, response) => {
    open++;
    response.once("close", () => open--);
    response.end(Buffer.alloc(2 ** 25));
  });
  for (let i = 0; i < 6; i++) openUnread(listener.port);
  await expect.poll(() => open).toBe(6);
  await expect.poll(() => open).toBeLessThan(4);
  expect(open).toBeGreaterThan(0);
});

test("of clients the one with the most unread bytes is cut off, not one that has an answer or two", async () => {
  const listener = await listen({ maxUnreadBytes: 2 ** 26 });
  const open = new Map<string, number>();
  listener.answerWith(({ socket: { remoteAddress = "" } }, response) => {
    open.set(remoteAddress, (open.get(remoteAddress) ?? 0) + 1);
    response.once("close", () => open.set(remoteAddress, open.get(remoteAddress)! - 1));
    response.end(Buffer.alloc(2 ** 24));
  });
  const ask = (localAddress: string) => {
    const socket = connect({ port: listener.port, host: "127.0.0.1", localAddress }).pause();
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined).write(GET);
  };
  ask("127.0.0.2");
  for (let i = 0; i < 12; i++) ask("127.0.0.3");
  await expect.poll(() => open.get("127.0.0.3")).toBe(12);
  await expect.poll(() => open.get("127.0.0.3")).toBeLessThan(4);
  expect(open.get("127.0.0.2")).toBe(1);
});

test("answers that nobody reads don't hold up the end of the server", async () => {
  const listener = await openListener("127.0.0.1", 0);
  let asked = 0;
  listener.answerWith((_request, response) => {
    asked++;
    response.end(Buffer.alloc(2 ** 25));
  });
  openUnread(listener.port);
  await expect.poll(() => asked).toBe(1);
  await listener.close();
});
