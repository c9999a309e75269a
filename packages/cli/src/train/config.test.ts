import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DEFAULT_SETTINGS } from "@segany/training/settings";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { trainCommand } from "../commands/train.js";
import { applyConfig, withConfig } from "./read-config.js";
import { settingsOf, type TrainOptions } from "./train-options.js";
import { writeConfig } from "./write-config.js";

/** The command with options as on its command line. */
function commandWith(...args: string[]) {
  const command = trainCommand();
  command.parseOptions(args);
  return command;
}

function optionsOf(text: string, ...args: string[]): TrainOptions {
  const command = commandWith(...args);
  applyConfig(command, text, join("some", "run.yaml"));
  return command.opts();
}

describe("a configuration file", () => {
  it("gives options by their long names, in YAML or JSON", () => {
    const yaml =
      "lr: 8e-4 # paper\nsteps: 90000\nflip: false\npth: true\ntrain: decoder+prompt\nformat: coco\n";
    const json =
      '{"lr": 8e-4, "steps": 90000, "flip": false, "pth": true, "train": "decoder+prompt", "format": "coco"}';
    const expected = {
      lr: 8e-4,
      steps: 90_000,
      flip: false,
      pth: true,
      train: "decoder+prompt",
      format: "coco",
    };
    for (const text of [yaml, json]) expect(optionsOf(text)).toMatchObject(expected);
    expect(settingsOf(optionsOf(yaml))).toEqual({
      learningRate: 8e-4,
      steps: 90_000,
      flip: false,
      train: "decoder+prompt",
    });
  });

  it("has paths that start at its folder", () => {
    expect(optionsOf("data: set\nval: ../other\ncheckpoint: /a/b.pth")).toMatchObject({
      data: resolve("some", "set"),
      val: resolve("other"),
      checkpoint: resolve("/a/b.pth"),
    });
  });

  it("yields to the command line, and so does the rival of an option there", () => {
    expect(optionsOf("lr: 1\nsteps: 2\nflip: true", "--lr", "0.5", "--no-flip")).toMatchObject({
      lr: 0.5,
      steps: 2,
      flip: false,
    });
    expect(optionsOf("val: other", "--val-every", "3").val).toBeUndefined();
    expect(optionsOf("val-every: 3", "--val", "other").valEvery).toBeUndefined();
    expect(optionsOf("model: vit_b", "--model-type", "vit_h").model).toBeUndefined();
  });

  it("takes the fields of preprocessing in place of a file", () => {
    expect(optionsOf("preprocessing: {resize: square}").preprocessing).toMatchObject({ resize: "square" });
    expect(optionsOf("preprocessing: medsam").preprocessing).toMatchObject({ range: "minmax" });
  });

  it.each([
    ["step: 3", 'unknown key "step". Did you mean "steps"?'],
    ["masksPerImage: 3", 'Did you mean "masks-per-image"?'],
    ["optimizer: sgd", "Keys are the long options"],
    ["resume: true", 'unknown key "resume"'],
    ["no-flip: true", 'Did you mean "flip"?'],
    ["steps: many", 'The value of "steps" in'],
    ["steps: many", "is wrong: It must be a number"],
    ["steps: -1", "an integer, 0 or more"],
    ["steps: ", "a text or a number"],
    ["steps: {a: 1}", "a text or a number"],
    ["train: head", "Allowed choices"],
    ["flip: 1", "true or false"],
    ["preprocessing: {resize: round}", "longest-side or square"],
    ["- steps", 'a line "key: value"'],
    ["steps", 'a line "key: value"'],
    ["", 'a line "key: value"'],
    ["steps: 1\nsteps: 2", "is not valid YAML"],
    ["{", "is not valid YAML"],
  ])("is refused with %j", (text, message) => {
    expect(() => optionsOf(text)).toThrow(
      expect.objectContaining({
        name: "UsageError",
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe("in a folder", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-config-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("data and output may be in the file or on the command line, and are needed", async () => {
    const file = join(folder, "run.yaml");
    await writeFile(file, "data: set\n");
    expect(await withConfig(commandWith("--config", file, "-o", "run"))).toMatchObject({
      data: join(folder, "set"),
      output: "run",
    });
    await expect(withConfig(commandWith("--config", file))).rejects.toThrow(/required option '-o, --output/);
    const both = commandWith("-d", "set", "-o", "run", "--val", "a", "--val-every", "2");
    await expect(withConfig(both)).rejects.toThrow(/Either --val or --val-every/);
  });

  it("what a run writes gives the same run", async () => {
    const output = join(folder, "run");
    await mkdir(output);
    const data = join(folder, "set");
    const command = commandWith("-d", data, "-o", output, "--lr", "0.5", "--no-flip", "--pth", "--json");
    const settings = { ...DEFAULT_SETTINGS, learningRate: 0.5, flip: false };
    await writeConfig(command, { options: command.opts(), settings, threads: 2 });
    const file = join(output, "config.yaml");
    const text = await readFile(file, "utf8");
    expect(text).toContain("data: ../set\n");
    expect(text).toContain("lr: 0.5\n");
    expect(text).not.toMatch(/^(output|json|val|config):/m);

    const again = await withConfig(commandWith("--config", file, "-o", "other"));
    expect(again).toMatchObject({
      data,
      output: "other",
      threads: 2,
      valEvery: 5,
      pth: true,
      model: "mobile_sam",
    });
    expect(settingsOf(again)).toEqual(settings);
  });
});
