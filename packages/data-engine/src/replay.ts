/** Masks made again from their provenance, by the model that made them. */
export {
  createReplayer,
  type Replayer,
  type ReplayResult,
  type ReplayTools,
} from "./replay/replay-mask.js";
export { planReplay, type ReplayPart, type ReplayPlan } from "./replay/replay-plan.js";
