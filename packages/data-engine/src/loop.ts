/** The model in the loop: the data engine's stages, simulated with ground truth in the place of people. */
export { simulateEngine } from "./loop/simulate.js";
export type {
  AuditResult,
  SimulateEvent,
  SimulateOptions,
  Simulation,
  StageResult,
} from "./loop/simulate-options.js";
