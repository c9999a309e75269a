import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { errorOf } from "./request.js";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const BUSY = JSON.stringify({ code: "overloaded", message: "Ask later." });

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

it("takes the server's code, message and wish to be left alone, in seconds or as a date", () => {
  expect(errorOf(503, BUSY, "10")).toMatchObject({
    code: "overloaded",
    message: "Ask later.",
    retryAfterMs: 10_000,
  });
  expect(errorOf(503, BUSY, "Tue, 01 Jan 2030 00:00:07 GMT").retryAfterMs).toBe(7000);
  expect(errorOf(503, BUSY, "Mon, 31 Dec 2029 00:00:00 GMT").retryAfterMs).toBe(0);
});

it("knows no time where none is said, or none that can be read", () => {
  for (const header of [null, "", "soon", "-1"]) expect(errorOf(503, BUSY, header).retryAfterMs).toBeNull();
});

it("goes by the status where something else than our server answers", () => {
  const codes = [404, 429, 502, 503, 504, 500].map((status) => errorOf(status, "<html>", null).code);
  expect(codes).toEqual([
    "not-found",
    "too-many-requests",
    "overloaded",
    "overloaded",
    "overloaded",
    "internal",
  ]);
});
