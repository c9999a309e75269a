import { SamError } from "@segany/masks";

/** @throws SamError `option-invalid` */
export function checkThreshold(threshold: number): number {
  if (threshold >= 0 && threshold <= 1) return threshold;
  throw new SamError("option-invalid", `The threshold of scores is ${threshold}; give a number from 0 to 1.`);
}
