import { expect, it } from "vitest";
import { keptThresholds, metadataOfThresholds } from "./everything-thresholds.js";

it("come back from the texts beside the weights, and nothing else does", () => {
  const thresholds = { predIouThresh: 0.61, stabilityScoreThresh: 0 };
  const more = { ...thresholds, loss: 3 };
  const metadata = { format: "pt", ...metadataOfThresholds(more) };
  expect(keptThresholds({ metadata, source: "a" })).toEqual(thresholds);
  expect(keptThresholds({ metadata: { format: "pt" }, source: "a" })).toBeUndefined();
  expect(keptThresholds({ source: "a" })).toBeUndefined();
});

it.each([
  "",
  "{",
  "null",
  "[]",
  "0.7",
  '{"predIouThresh":0.7}',
  '{"predIouThresh":"0.7","stabilityScoreThresh":1}',
])("refuses %s", (text) => {
  expect(() =>
    keptThresholds({ metadata: { everything_thresholds: text }, source: "a.safetensors" }),
  ).toThrow(
    expect.objectContaining({
      code: "checkpoint-invalid",
      message: expect.stringContaining("a.safetensors"),
    }),
  );
});

it.each([-0.1, 1.1, "null"])("refuses a threshold of %s", (stabilityScoreThresh) => {
  const metadata = {
    everything_thresholds: `{"predIouThresh":0.5,"stabilityScoreThresh":${stabilityScoreThresh}}`,
  };
  expect(() => keptThresholds({ metadata, source: "a" })).toThrow(/each from 0 to 1/);
});
