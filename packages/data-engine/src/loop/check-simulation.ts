import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataEngineError } from "../errors.js";
import type { SimulateOptions } from "./simulate-options.js";

/** The data engine's database in the folder of a simulation. */
export const SIMULATION_DATABASE = "engine.sqlite";

type Numbers = "goodIou" | "maxClicks" | "noisePx" | "precision" | "pointsPerSide" | "auditMasks";

const RANGES: Readonly<Record<Numbers, readonly [least: number, most: number]>> = {
  goodIou: [0.01, 1],
  maxClicks: [1, 100],
  noisePx: [0, 1000],
  precision: [0.01, 1],
  pointsPerSide: [1, 256],
  auditMasks: [1, 1_000_000],
};

/**
 * Checks the options before anything is computed or written.
 *
 * @throws DataEngineError `invalid` for a number outside its range, `conflict` if the folder has a simulation
 */
export function checkSimulation(options: SimulateOptions): void {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = options[name as Numbers];
    if (!(value >= least && value <= most))
      throw new DataEngineError("invalid", `${name} is ${value}; it must be ${least} to ${most}.`);
  }
  if (!options.stageImages.every((count = 0) => Number.isInteger(count) && count >= 1))
    throw new DataEngineError(
      "invalid",
      `The stages have ${options.stageImages.join(", ")} images; each needs at least one.`,
    );
  if (existsSync(join(options.output, SIMULATION_DATABASE)))
    throw new DataEngineError(
      "conflict",
      `"${options.output}" has a simulation already. Choose another folder, or remove that one.`,
    );
}
