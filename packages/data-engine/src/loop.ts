/** The model in the loop: trained on a project's masks; and its stages, simulated with ground truth. */
export { createRetrainWork, type TrainAttempt } from "./loop/retrain-work.js";
export { simulateEngine } from "./loop/simulate.js";
export type {
  AuditResult,
  SimulateEvent,
  SimulateOptions,
  Simulation,
  StageResult,
} from "./loop/simulate-options.js";
export { type TrainVersionOptions, type TrainVersionProgress, trainVersion } from "./loop/train-version.js";
