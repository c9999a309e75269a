import { EvaluationError } from "../errors.js";
import type { CommonSettings } from "./protocol.js";

/** @throws EvaluationError `option-invalid` for a value out of range */
export function checkCommon({ limit, maxMasks, seed, bootstrapRounds }: CommonSettings): void {
  if (limit !== undefined) checkWhole("limit", limit, 1);
  if (maxMasks !== undefined) checkWhole("maxMasks", maxMasks, 1);
  checkWhole("seed", seed, 0);
  checkWhole("bootstrapRounds", bootstrapRounds, 0);
}

/** @throws EvaluationError `option-invalid` unless the value is a whole number of at least `least` */
export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new EvaluationError(
    "option-invalid",
    `${name} is ${value}; it must be a whole number of at least ${least}.`,
  );
}

/** @throws EvaluationError `option-invalid` unless the value is one of those allowed */
export function checkChoice(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return;
  throw new EvaluationError("option-invalid", `${name} is "${value}"; it must be ${allowed.join(" or ")}.`);
}
