/** The paper's evaluation: metrics as pure functions, protocols over data sets, reports. */
export { EvaluationError, type EvaluationErrorCode } from "./errors.js";
