import { expect, test } from "vitest";
import { openApp } from "../testing/open-app.js";

const IDS = ["0b6ad5a4-6f4a-4d2e-8a57-0d8f6f0c1a01", "0b6ad5a4-6f4a-4d2e-8a57-0d8f6f0c1a02"] as const;
const pear = { id: IDS[0], name: "pear", colour: 3, merged_ids: [] };
const box = { id: IDS[1], name: "box", colour: 0, merged_ids: [IDS[0]] };

async function openClasses() {
  const { app } = await openApp();
  const request = (method: "GET" | "PUT", headers: object, payload?: object) =>
    app.inject({
      method,
      url: "/v1/classes",
      headers: { host: "localhost", ...headers },
      ...(payload && { payload }),
    });
  return {
    get: (headers = {}) => request("GET", headers),
    put: (payload: object, headers = {}) => request("PUT", headers, payload),
  };
}

test("a list is kept as it was sent, and its version says when it changes", async () => {
  const { get, put } = await openClasses();
  expect((await get()).statusCode).toBe(204);
  const first = await put({ classes: [pear, box] }, { "if-none-match": "*" });
  expect(first.statusCode).toBe(204);
  const kept = await get();
  expect(kept.json()).toEqual({ classes: [pear, box] });
  expect(kept.headers.etag).toBe(first.headers.etag);
  expect((await get({ "if-none-match": kept.headers.etag })).statusCode).toBe(304);
  await put({ classes: [box, pear] }, { "if-match": kept.headers.etag });
  expect((await get()).json().classes).toEqual([box, pear]);
});

test("of two who replace one version the second is refused, and one who creates it, too", async () => {
  const { get, put } = await openClasses();
  const { etag } = (await put({ classes: [] })).headers;
  await put({ classes: [pear] }, { "if-match": etag });
  for (const headers of [{ "if-match": etag }, { "if-none-match": "*" }]) {
    const late = await put({ classes: [box] }, headers);
    expect([late.statusCode, late.json().code]).toEqual([412, "precondition-failed"]);
    expect(late.headers.etag).toBe((await get()).headers.etag);
  }
  expect((await get()).json().classes).toEqual([pear]);
});

test.each([
  ["no list", {}, /classes/],
  ["an id that is none", { classes: [{ ...pear, id: "pear" }] }, /classes\.0\.id/],
  ["a field that nobody knows", { classes: [{ ...pear, own: 1 }] }, /own/],
  ["no name", { classes: [{ ...pear, name: "" }] }, /classes\.0\.name/],
  ["a colour below zero", { classes: [{ ...pear, colour: -1 }] }, /classes\.0\.colour/],
  ["an id twice", { classes: [pear, { ...box, id: IDS[0].toUpperCase() }] }, /classes 0 and 1/],
  ["too many", { classes: Array.from({ length: 10_001 }, () => pear) }, /classes/],
])("a list with %s is refused and told why", async (_, list, why) => {
  const { get, put } = await openClasses();
  const answer = await put(list);
  expect([answer.statusCode, answer.json().code]).toEqual([422, "body-invalid"]);
  expect(answer.json().message).toMatch(why);
  expect((await get()).statusCode).toBe(204);
});
