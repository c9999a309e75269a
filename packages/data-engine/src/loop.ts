/** The model in the loop: trained on a project's masks; and its stages, simulated with ground truth. */
export { type RunStageOptions, runStage } from "./loop/run-stage.js";
export { simulateEngine } from "./loop/simulate.js";
export type {
  AuditResult,
  SimulateEvent,
  SimulateOptions,
  Simulation,
  StageResult,
} from "./loop/simulate-options.js";
export { type TrainVersionOptions, trainVersion } from "./loop/train-version.js";
