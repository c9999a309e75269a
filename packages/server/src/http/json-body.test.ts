import { describe, expect, test } from "vitest";
import { ServerError } from "../errors.js";
import { openApp } from "../testing/open-app.js";

const nested = (depth: number, open = "[", close = "]") => open.repeat(depth) + close.repeat(depth);
const INVALID = /^(prompt|option|mask)-invalid$/;
const deepObject = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;

/** What each route with a body says to one. */
async function answersTo(body: string | Buffer, headers: Record<string, string> = {}) {
  const { app, image } = await openApp();
  const routes = [
    ["POST", "predict"],
    ["POST", "segment"],
    ["PUT", "masks"],
    ["POST", "cut-outs"],
  ] as const;
  return Promise.all(
    routes.map(async ([method, route]) => {
      const answer = await app.inject({
        method,
        url: `/v1/images/${image.id}/${route}`,
        headers: { host: "localhost", "content-type": "application/json", ...headers },
        payload: body,
      });
      return { status: answer.statusCode, ...(JSON.parse(answer.body) as { code: string; message: string }) };
    }),
  );
}

describe("a JSON body, wherever it goes", () => {
  test.each([
    ["lists nested 5,000 deep", nested(5000)],
    ["objects nested 5,000 deep", deepObject],
    ["a field of one's own nested 5,000 deep", `{"box":[1,1,4,4],"own":${nested(5000)}}`],
    ["an annotation's own field nested deep", `{"annotations":[{"id":1,"own":{"x":${deepObject}}}]}`],
    ["a level more than are taken", nested(65)],
    ["texts with brackets, and depth behind them", `{"[[\\"":"]]\\\\","b":${nested(100)}}`],
  ])("is refused with 422 for its depth: %s", async (_, body) => {
    for (const { status, code, message } of await answersTo(body)) {
      expect([status, code]).toEqual([422, expect.stringMatching(INVALID)]);
      expect(message).toMatch(/nested \d+ deep; at most 64 levels/);
    }
  });

  test.each([
    ["empty lists", `[${"[],".repeat(1_000_000)}[]]`],
    ["empty objects", `{"annotations":[${"{},".repeat(1_000_000)}{}]}`],
    ["numbers", `{"pointCoords":[${"1,".repeat(1_000_001)}1]}`],
  ])("is refused before it is built when it has too many values: %s", async (_, body) => {
    for (const { status, code } of await answersTo(body))
      expect([status, code]).toEqual([422, expect.stringMatching(INVALID)]);
  });

  test.each([
    ["brackets without end", "[".repeat(200_000)],
    ["brackets that close twice", "{}}"],
    ["half of it", '{"box":[1,'],
    ["words", "box"],
    ["a number that is none", '{"box":[NaN,1,2,3]}'],
    ["a polluted prototype", '{"__proto__":{"x":1}}'],
    ["a prototype behind escapes", '{"\\u005f_proto__":{"x":1}}'],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ["UTF-16", Buffer.from('{"box":[1,1,4,4]}', "utf16le")],
  ])("is refused with 400 when it is not JSON: %s", async (_, body) => {
    for (const { status, code } of await answersTo(body))
      expect([status, code]).toEqual([400, "bad-request"]);
  });
});

test("bodies that together take too much are turned away, and have their room back when they are answered", async () => {
  const { app, image, worker } = await openApp({ maxHeldBodyBytes: 4 * 2 ** 20 });
  const ask = async (payload: string) =>
    await app.inject({
      method: "POST",
      url: `/v1/images/${image.id}/predict`,
      headers: { host: "localhost", "content-type": "application/json" },
      payload,
    });
  const click = (padding: number) => ask(`{"box":[1,1,4,4]${" ".repeat(padding)}}`);
  const large = click(1.5 * 2 ** 20);
  await expect.poll(() => worker.calls.length).toBe(1);
  const refused = await click(2 ** 20);
  expect([refused.statusCode, refused.json().code]).toEqual([429, "too-many-requests"]);
  expect(refused.json().message).toMatch(/One client may have 2 MiB of pending request bodies/);
  expect((await ask('{"box":[1]}')).statusCode).toBe(422); // small ones are let in
  worker.calls[0]!.fail(new ServerError("internal", "made up for the test"));
  expect((await large).statusCode).toBe(500);
  const again = click(2 ** 20);
  await expect.poll(() => worker.calls.length).toBe(2);
  worker.calls[1]!.fail(new ServerError("internal", "made up for the test"));
  expect((await again).statusCode).toBe(500);
});
