import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DEFAULT_DISTILL_SETTINGS } from "@segany/training/settings";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { trainCommand } from "../commands/train.js";
import { checkDistillation, distillSettingsOf, effectiveSettings } from "./distill-options.js";
import { applyConfig } from "./read-config.js";
import type { TrainOptions } from "./train-options.js";
import { writeConfig } from "./write-config.js";

function commandWith(...args: string[]) {
  const command = trainCommand();
  command.parseOptions(["--data", "photos", "--output", "run", ...args]);
  return command;
}
const check = (...args: string[]) => {
  const command = commandWith(...args);
  checkDistillation(command, command.opts());
  return command;
};

describe("a distillation", () => {
  it("takes the settings of a training that mean the same", () => {
    const options = check(
      "--distill-from",
      "vit_h",
      "--steps",
      "5",
      "--lr",
      "1e-3",
      "--no-flip",
    ).opts<TrainOptions>();
    expect(distillSettingsOf(options)).toEqual({ steps: 5, learningRate: 1e-3, flip: false });
    const prompts = check(
      "--distill-from",
      "a.pth",
      "--distill",
      "prompts",
      "--rounds",
      "3",
    ).opts<TrainOptions>();
    expect(distillSettingsOf(prompts)).toMatchObject({ distill: "prompts", rounds: 3 });
  });

  it.each([
    ["--distill needs a teacher", ["--distill", "prompts"]],
    ["--resume has no effect", ["--distill-from", "vit_h", "--resume"]],
    ["--train has no effect", ["--distill-from", "vit_h", "--train", "lora"]],
    ["--rehearsal has no effect", ["--distill-from", "vit_h", "--rehearsal", "other"]],
    ["--format has no effect", ["--distill-from", "vit_h", "--format", "coco"]],
    ["--rounds has an effect only with --distill prompts", ["--distill-from", "vit_h", "--rounds", "3"]],
  ])("refuses what would be ignored: %s", (message, args) => {
    expect(() => check(...args)).toThrow(message);
  });

  it("takes a teacher's name from a configuration file as it is, and a path from the file's folder", () => {
    const teacherOf = (value: string) => {
      const command = commandWith();
      applyConfig(command, `distill-from: ${value}`, join("some", "run.yaml"));
      return command.opts().distillFrom;
    };
    expect(teacherOf("vit_h")).toBe("vit_h");
    expect(teacherOf("weights.pth")).toBe(resolve("some", "weights.pth"));
  });

  it("is written into the run's folder with the options that have an effect", async () => {
    const output = await mkdtemp(join(tmpdir(), "segany-distill-"));
    try {
      const command = check("--distill-from", "mobile_sam", "--output", output);
      const options = { ...command.opts(), distill: "embeddings" as const };
      const settings = effectiveSettings(DEFAULT_DISTILL_SETTINGS);
      await writeConfig(command, { options: options as never, settings, threads: 1 });
      const text = await readFile(join(output, "config.yaml"), "utf8");
      expect(parse(text)).toMatchObject({ "distill-from": "mobile_sam", distill: "embeddings", steps: 240 });
      const again = commandWith();
      applyConfig(again, text, join(output, "config.yaml"));
      checkDistillation(again, again.opts());
    } finally {
      await rm(output, { recursive: true });
    }
  });
});
