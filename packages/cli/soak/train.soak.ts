/**
 * A run of training killed at random steps, and resumed each time: its weights must be those of a run that
 * nothing stopped. Needs the build.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createWorkplace, finish } from "../test/run-segany.js";
import { stepsOf, untilStep, writeSet } from "../test/train-runs.js";

const STEPS = 24;
const KILLS = 5;
/** More than a step takes: the kill may meet the step, its validation, or the writing of files. */
const SPREAD_MS = 3000;

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const train = (...args: string[]) =>
  `train --data set --val-every 2 --views 2 --masks-per-image 2 --validate-every 2 --steps ${STEPS}`
    .split(" ")
    .concat(args);

/** Different steps to be killed at, but not the last ones. */
function randomSteps(): number[] {
  const steps = new Set<number>();
  while (steps.size < KILLS) steps.add(1 + Math.floor(Math.random() * (STEPS - 4)));
  return [...steps].sort((a, b) => a - b);
}

test("segany train, killed five times, ends with the weights of an unbroken run", async () => {
  writeSet(workplace.path);
  expect(await workplace.run(...train("--output", "whole"))).toMatchObject({ status: 0 });
  const steps = randomSteps();
  for (const [i, step] of steps.entries()) {
    const child = workplace.start(...train("--output", "killed", ...(i > 0 ? ["--resume"] : [])));
    await untilStep(child, at("killed"), step);
    await sleep(Math.random() * SPREAD_MS);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
  }
  const last = await finish(workplace.start(...train("--output", "killed", "--resume")));
  expect(last).toMatchObject({ status: 0 });
  for (const file of ["last.safetensors", "best.safetensors"])
    expect(readFileSync(at("killed", file)).equals(readFileSync(at("whole", file))), file).toBe(true);
  expect(stepsOf(at("killed"))).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  console.log(`killed after steps ${steps.join(", ")}: the same weights`);
});
