import type { ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { openApp } from "../testing/open-app.js";
import { openRaw } from "../testing/raw-client.js";
import { type Listener, openListener } from "./listener.js";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function listen(): Promise<Listener> {
  const listener = await openListener("127.0.0.1", 0);
  onTestFinished(listener.close);
  return listener;
}

test("requests that come at once are answered one after another, in their order", async () => {
  const listener = await listen();
  let [running, most] = [0, 0];
  listener.answerWith((request, response) => {
    most = Math.max(most, ++running);
    response.once("close", () => running--);
    setTimeout(() => response.end(`<${request.url}>`), Math.random() * 5);
  });
  const paths = Array.from({ length: 16 }, (_, i) => `/${i}`);
  const last = get("/last").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  const text = await openRaw(listener.port, paths.map(get).join("") + last).ended;
  expect(text.match(/<\/\w+>/g)).toEqual([...paths, "/last"].map((path) => `<${path}>`));
  expect(most).toBe(1);
});

test("thousands of requests on one connection are not begun, and it is closed", async () => {
  const listener = await listen();
  let begun = 0;
  listener.answerWith(() => void begun++); // it is never answered
  const client = openRaw(listener.port, get("/").repeat(5000));
  await client.ended;
  expect(begun).toBe(1);
});

test("whatever has begun ends with its connection, and nothing begins after", async () => {
  const listener = await listen();
  const responses: ServerResponse[] = [];
  let closed = 0;
  listener.answerWith((_request, response) => {
    responses.push(response);
    response.once("close", () => closed++);
    response.write("begun");
  });
  const clients = Array.from({ length: 5 }, () => openRaw(listener.port, get("/").repeat(10)));
  await expect.poll(() => responses.length).toBe(5);
  for (const { socket } of clients) socket.destroy();
  await expect.poll(() => closed).toBe(5);
  expect(responses).toHaveLength(5);
});

test("a client that sends requests for events ahead and leaves takes nobody's place", async () => {
  const listener = await listen();
  const { app, image } = await openApp({ maxEventStreamsPerClient: 2 }, listener);
  await app.ready();
  listener.answerWith(app.routing);
  const path = `/v1/images/${image.id}/events`;
  for (let round = 0; round < 3; round++) {
    const client = openRaw(listener.port, get(path).repeat(4));
    await new Promise((resolve) => client.socket.once("data", resolve));
    client.socket.destroy();
    await client.ended;
  }
  const other = openRaw(listener.port, get(path));
  await new Promise((resolve) => other.socket.once("data", resolve));
  const statusOf = async () => {
    const answer = await fetch(`http://127.0.0.1:${listener.port}${path}`);
    await answer.body?.cancel();
    return answer.status;
  };
  await expect.poll(statusOf).toBe(200);
});
