import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { type Listener, openListener } from "./listener.js";

const opened: Listener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
});

async function open(host = "127.0.0.1"): Promise<Listener> {
  const listener = await openListener(host, 0);
  opened.push(listener);
  return listener;
}

const hello: RequestListener = (_request, response) => void response.end("hello");

test("from the moment it has its address it says that the server starts, until there is somebody to answer", async () => {
  const listener = await open();
  const url = `http://127.0.0.1:${listener.port}/v1/images`;
  for (const method of ["GET", "POST"]) {
    const early = await fetch(url, { method });
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(early.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await early.json()).toMatchObject({ code: "starting" });
  }
  listener.answerWith(hello);
  expect(await (await fetch(url)).text()).toBe("hello");
});

test("closing waits for the answers that are under way, and for no connection beside", async () => {
  const listener = await openListener("127.0.0.1", 0);
  let finish: () => void = () => undefined;
  listener.answerWith((_request, response) => {
    response.write("a");
    finish = () => response.end("b");
  });
  const answer = await fetch(`http://127.0.0.1:${listener.port}/`);
  let closed = false;
  const closing = listener.close().then(() => {
    closed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  finish();
  expect(await answer.text()).toBe("ab");
  await closing;
  await expect(fetch(`http://127.0.0.1:${listener.port}/`)).rejects.toThrow();
});

test("as localhost it answers at each of its addresses, and all of them are closed", async () => {
  const listener = await openListener("localhost", 0);
  listener.answerWith(hello);
  for (const host of ["127.0.0.1", "localhost"])
    expect(await (await fetch(`http://${host}:${listener.port}/`)).text()).toBe("hello");
  await listener.close();
  await expect(fetch(`http://127.0.0.1:${listener.port}/`)).rejects.toThrow();
});

test("an address that can't be had is refused with the reason", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  await expect(openListener("127.0.0.1", port)).rejects.toMatchObject({
    code: "address-unusable",
    message: expect.stringContaining(`port ${port}: it is in use`),
  });
  await expect(openListener("nowhere.invalid", 0)).rejects.toMatchObject({ code: "address-unusable" });
  other.close();
});
