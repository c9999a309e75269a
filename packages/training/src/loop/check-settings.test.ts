import { expect, it } from "vitest";
import { checkedSettings } from "./check-settings.js";
import { DEFAULT_SETTINGS, type TrainSettings } from "./settings.js";

it("fills in the defaults", () => {
  expect(checkedSettings({})).toEqual(DEFAULT_SETTINGS);
  expect(checkedSettings({ steps: 5 })).toEqual({ ...DEFAULT_SETTINGS, steps: 5 });
});

it.each([
  { steps: 0 },
  { steps: 1.5 },
  { rounds: 0 },
  { batch: -1 },
  { masksPerImage: 0 },
  { views: 0 },
  { validateEvery: Number.NaN },
  { validationMasks: 0 },
  { warmup: -1 },
  { patience: 0.5 },
  { seed: -1 },
  { learningRate: 0 },
  { learningRate: Number.NaN },
  { clipNorm: -1 },
  { clipNorm: Number.NaN },
  { weightDecay: -0.1 },
  { averageDecay: 1 },
  { rehearsalShare: 1 },
  { minCrop: 0 },
  { minCrop: 1.1 },
  { brightness: -0.1 },
  { contrast: 1.1 },
  { saturation: Number.NaN },
  { train: "encoder", layerDecay: 0 },
  { train: "encoder", layerDecay: 1.1 },
  { train: "encoder", dropPath: 1 },
  { layerDecay: 0.8 },
  { train: "lora", dropPath: 0.1 },
  { firstPrompts: [] },
  { firstPrompts: ["point", "mask"] as never },
  { scaleJitter: [0, 1] },
  { scaleJitter: [2, 1] },
  { scaleJitter: [1, Infinity] },
  { scaleJitter: [1] as never },
  { train: "head" as never },
  { loraTargets: "all" as never },
  { schedule: "linear" as never },
] satisfies Partial<TrainSettings>[])("refuses %j", (settings) => {
  expect(() => checkedSettings(settings)).toThrow(expect.objectContaining({ code: "option-invalid" }));
});
