import { expect, onTestFinished, test } from "vitest";
import { openRaw, partsOf } from "../testing/raw-client.js";
import { type Listener, type ListenerOptions, openListener } from "./listener.js";

const HEAD = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n";
const PACE = { maxIdleMs: 1000, graceMs: 1e9, minBytesPerS: 8192 };

async function listen(options: ListenerOptions): Promise<Listener> {
  const listener = await openListener("127.0.0.1", 0, options);
  onTestFinished(listener.close);
  return listener;
}

/** Takes bodies and answers when all has come. */
function answerWhole(listener: Listener): { aborted: number } {
  const seen = { aborted: 0 };
  listener.answerWith((request, response) => {
    request.resume();
    request.once("end", () => response.end("all")).once("error", () => seen.aborted++);
  });
  return seen;
}

/** Writes a little again and again until the connection is closed. */
function dribble(client: ReturnType<typeof openRaw>, bytes: number, everyMs: number): void {
  const clock = setInterval(() => client.write("a".repeat(bytes)), everyMs);
  void client.ended.then(() => clearInterval(clock));
}

test.each([
  ["nothing of its body", HEAD],
  ["half of its body", HEAD + "a".repeat(500_000)],
  ["half a chunk", "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\naaa"],
])("a request that has sent %s and then stands still is answered and ended", async (_, bytes) => {
  const listener = await listen({ pace: PACE });
  const seen = answerWhole(listener);
  const { status, headers, body } = partsOf(await openRaw(listener.port, bytes).ended);
  expect([status, JSON.parse(body).code]).toEqual([408, "request-timeout"]);
  expect(JSON.parse(body).message).toMatch(/nothing for 1 s/);
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers.connection).toBe("close");
  await expect.poll(() => seen.aborted).toBe(1);
});

test("a request that dribbles is ended when it was given time, and one that comes is not", async () => {
  const listener = await listen({ pace: { maxIdleMs: 1e9, graceMs: 1000, minBytesPerS: 20_000 } });
  answerWhole(listener);
  const slow = openRaw(listener.port, HEAD);
  dribble(slow, 10, 100);
  expect(JSON.parse(partsOf(await slow.ended).body).message).toMatch(/less than 19.* KiB a second/);
  const steady = openRaw(listener.port, HEAD.replace("localhost", "localhost\r\nConnection: close"));
  for (let sent = 0; sent < 1_000_000; sent += 100_000) {
    steady.write("a".repeat(100_000));
    await new Promise((resolve) => setTimeout(resolve, 150)); // the time itself is tested
  }
  expect(partsOf(await steady.ended)).toMatchObject({ status: 200, body: expect.stringContaining("all") });
});

test("who waits for the server isn't called slow", async () => {
  const listener = await listen({ pace: PACE });
  let take: () => void = () => undefined;
  listener.answerWith((request, response) => {
    take = () => {
      request.resume();
      request.once("end", () => response.end("all"));
    };
  });
  const client = openRaw(
    listener.port,
    `${HEAD.replace("localhost", "localhost\r\nConnection: close")}${"a".repeat(1_000_000)}`,
  );
  await new Promise((resolve) => setTimeout(resolve, 2500)); // the time itself is tested
  take();
  expect(partsOf(await client.ended)).toMatchObject({ status: 200 });
});

test("an answer that takes long is waited for", async () => {
  const listener = await listen({ pace: PACE });
  listener.answerWith((request, response) => {
    request.resume();
    setTimeout(() => response.end("late"), 2500); // the time itself is tested
  });
  const head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  for (const bytes of [`${head}Content-Length: 2\r\n\r\nab`, `${head}\r\n`, `GET${head.slice(4)}\r\n`])
    expect(partsOf(await openRaw(listener.port, bytes).ended)).toMatchObject({ status: 200 });
});

test("a body that stands still doesn't hold up the end of the server, and one that comes is waited for", async () => {
  const patient = { maxIdleMs: 1e9, graceMs: 1e9, minBytesPerS: 1 };
  const listener = await openListener("127.0.0.1", 0, { pace: patient });
  answerWhole(listener);
  const still = openRaw(listener.port, HEAD + "a".repeat(1000));
  const dribbling = openRaw(listener.port, HEAD);
  dribble(dribbling, 1, 100);
  const coming = openRaw(listener.port, HEAD);
  dribble(coming, 20_000, 100);
  await new Promise((resolve) => setTimeout(resolve, 500)); // all are there: the time itself is tested
  await listener.close();
  for (const client of [still, dribbling]) expect(partsOf(await client.ended)).toMatchObject({ status: 408 });
  expect(partsOf(await coming.ended)).toMatchObject({ status: 200 });
});
