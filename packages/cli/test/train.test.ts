import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createWorkplace, finish } from "./run-segany.js";
import { stepsOf, untilStep, writeSet } from "./train-runs.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);

const SHORT = [
  "--steps",
  "3",
  "--validate-every",
  "1",
  "--views",
  "1",
  "--masks-per-image",
  "2",
  "--lr",
  "1e-3",
];
const train = (...args: string[]) => ["train", "--data", "set", "--val-every", "2", ...SHORT, ...args];

it("trains, and after being killed goes on to the very same weights, which every command takes", async () => {
  writeSet(workplace.path);
  const whole = await workplace.run(...train("--output", "whole", "--json"));
  expect(whole).toMatchObject({ status: 0 });
  const result = JSON.parse(whole.stdout);
  expect(result).toMatchObject({
    steps: 3,
    images: 1,
    validation_images: 1,
    best_checkpoint: join("whole", "best.safetensors"),
  });
  expect(readFileSync(at(result.report), "utf8")).toContain("<h2>One click, before and after</h2>");
  expect(result.best["miou@box"]).toBeGreaterThan(0);
  expect(whole.stderr).toContain("After 3 steps: loss");
  expect(stepsOf(at("whole"))).toEqual([1, 2, 3]);

  const killed = workplace.start(...train("--output", "killed"));
  await untilStep(killed, at("killed"), 2);
  killed.kill("SIGKILL");
  await new Promise((resolve) => killed.once("close", resolve));
  const again = await workplace.run(...train("--output", "killed"));
  expect(again.status).toBe(1);
  expect(again.stderr).toContain("has a run already");
  expect(await workplace.run(...train("--output", "killed", "--resume"))).toMatchObject({ status: 0 });
  for (const file of ["last.safetensors", "best.safetensors"])
    expect(readFileSync(at("killed", file)).equals(readFileSync(at("whole", file))), file).toBe(true);
  expect(stepsOf(at("killed"))).toEqual([1, 2, 3]);

  const config = join("whole", "config.yaml");
  expect(await workplace.run("train", "--config", config, "--output", "repeated")).toMatchObject({
    status: 0,
  });
  for (const file of ["last.safetensors", "best.safetensors"])
    expect(readFileSync(at("repeated", file)).equals(readFileSync(at("whole", file))), file).toBe(true);

  const checkpoint = join("whole", "best.safetensors");
  const predict = ["predict", "photo.jpg", "--point", "520,340", "--checkpoint", checkpoint, "--json"];
  const { status, stdout } = await workplace.run(...predict);
  expect([status, JSON.parse(stdout).masks > 0]).toEqual([0, true]);
});

it("saves the state on Ctrl-C, and leaves nothing half-written", async () => {
  writeSet(workplace.path);
  const child = workplace.start(...train("--output", "run", "--validate-every", "3"));
  const finished = finish(child);
  await untilStep(child, at("run"), 1);
  child.kill("SIGINT");
  const { status, stderr } = await finished;
  expect([status, stderr.includes("interrupted")]).toEqual([130, true]);
  expect(readdirSync(at("run")).sort()).toEqual([
    "best.safetensors",
    "config.yaml",
    "metrics.jsonl",
    "report.html",
    "state.safetensors",
  ]);
  const resumed = await workplace.run(
    ...train("--output", "run", "--validate-every", "3", "--resume", "--quiet"),
  );
  expect(resumed).toMatchObject({ status: 0, stderr: "" });
  expect(resumed.stdout).toMatch(/^before: loss \d.*mIoU.*\nbest: {3}loss.*\nweights: run/);
  expect(stepsOf(at("run"))).toEqual([1, 2, 3]);
});

it.each([
  [["--data", "missing", "--output", "run"], 1, "missing"],
  [["--data", "set", "--output", "run", "--lr", "0"], 2, "learningRate is 0"],
  [["--data", "set", "--output", "run", "--steps", "0"], 2, "steps is 0"],
  [["--data", "set", "--output", "run", "--resume"], 1, "There is no run to resume"],
  [["--data", "set", "--output", "run", "--train", "head"], 2, "Allowed choices"],
  [["--data", "set", "--output", "run", "--train", "neck", "--precision", "int8"], 2, "in fp32"],
  [
    ["--data", "set", "--output", "run", "--val-every", "0", "--report-everything", "1"],
    2,
    "no image validates",
  ],
  [["--output", "run"], 2, "required option"],
])("refuses %j", async (args, expected, message) => {
  writeSet(workplace.path);
  const { status, stderr } = await workplace.run("train", ...args);
  expect([status, stderr.includes(message), existsSync(at("run"))]).toEqual([expected, true, false]);
});
