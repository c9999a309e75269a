import { TrainingError } from "../errors.js";

/**
 * @param where the image, for messages: " on a.jpg"
 * @throws TrainingError `training-diverged` for a loss that is not finite
 */
export function checkLoss(loss: number, step: number, where = ""): void {
  if (Number.isFinite(loss)) return;
  throw new TrainingError(
    "training-diverged",
    `The loss of step ${step}${where} is ${loss}. Start another run with a lower learning rate.`,
  );
}
