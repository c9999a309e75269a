import { expect, it } from "vitest";
import { deviceSize } from "./device-size.js";

const STAGE = { width: 1087, height: 683 };

it("is what the browser says, which rounds by the place too", () => {
  expect(deviceSize(STAGE, 1.5, { width: 1630, height: 1025 })).toEqual({ width: 1630, height: 1025 });
});

it("is rounded here where the browser says nothing, or CSS pixels", () => {
  expect(deviceSize(STAGE, 1.5, null)).toEqual({ width: 1631, height: 1025 });
  expect(deviceSize(STAGE, 1.5, STAGE)).toEqual({ width: 1631, height: 1025 });
});

it("is never empty, as canvases must not be", () => {
  expect(deviceSize({ width: 0, height: 0 }, 2, null)).toEqual({ width: 1, height: 1 });
  expect(deviceSize({ width: 0, height: 0 }, 2, { width: 0, height: 0 })).toEqual({ width: 1, height: 1 });
});
