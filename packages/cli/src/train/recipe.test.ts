import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { trainSam } from "@segany/training";
import { expect, it } from "vitest";
import { trainCommand } from "../commands/train.js";
import { applyConfig } from "./read-config.js";
import { settingOf, settingsOf, type TrainOptions } from "./train-options.js";

const PATH = fileURLToPath(new URL("../../recipes/sam-paper.yaml", import.meta.url));

/** Numbers of the paper's appendix A, for ViT-H. */
const SETTINGS = {
  train: "encoder",
  steps: 90_000,
  batch: 256,
  learningRate: 8e-4,
  warmup: 250,
  schedule: "step",
  weightDecay: 0.1,
  layerDecay: 0.8,
  dropPath: 0.4,
  masksPerImage: 64,
  rounds: 11,
  firstPrompts: ["point", "box"],
  flip: false,
  minCrop: 1,
  scaleJitter: [1, 1],
  brightness: 0,
  contrast: 0,
  saturation: 0,
  clipNorm: 0,
  averageDecay: 0,
  validateEvery: 1000,
} as const;

it("has the paper's settings, every key of it is one, and they can be trained with", async () => {
  const command = trainCommand();
  const text = await readFile(PATH, "utf8");
  applyConfig(command, text, PATH);
  const options = command.opts<TrainOptions>();
  expect(settingsOf(options)).toEqual(SETTINGS);

  const fromFile = Object.keys(options).filter((name) => command.getOptionValueSource(name) === "config");
  expect(fromFile.filter((name) => settingOf(name) === undefined).sort()).toEqual(["model", "valEvery"]);
  expect(fromFile).toHaveLength(text.match(/^[a-z-]+:/gm)!.length);
  expect(options).toMatchObject({ model: "vit_h", valEvery: 0 });

  const run = trainSam({ data: [], output: "nowhere", settings: settingsOf(options) });
  await expect(run).rejects.toMatchObject({ code: "target-empty" }); // the settings are checked first
});
