import { expect, it } from "vitest";
import { checkTextOptions, type SegmentOptions } from "./options.js";

const check = (options: Partial<SegmentOptions>) => () =>
  checkTextOptions({
    output: "o",
    format: "sa1b",
    picture: true,
    behaviour: "official",
    ...options,
  } as SegmentOptions);

it("refuses options that words, or everything mode, would ignore", () => {
  expect(check({})).not.toThrow();
  expect(check({ pointsPerSide: 8 })).not.toThrow();
  expect(check({ text: ["dog"], textThreshold: 0.2 })).not.toThrow();
  expect(check({ textThreshold: 0.2 })).toThrow("--text-threshold needs --text");
  expect(check({ textProjection: "a.safetensors" })).toThrow("--text-projection needs --text");
  expect(check({ textEngine: "owl" })).toThrow("--text-engine needs --text");
  expect(check({ text: ["dog"], pointsPerSide: 8 })).toThrow("--points-per-side is of everything mode");
  expect(check({ text: ["dog"], behaviour: "fast" })).toThrow("--behaviour is of everything mode");
});
