import { type MaskRuns, parseRle, rleToRuns, SamError, type Size } from "@segany/masks";
import type { MaskStep, PredictStep } from "../annotations/mask-steps.js";
import { DataEngineError } from "../errors.js";

/** An edit whose pixels are read. */
export interface EditStep {
  readonly kind: "edit";
  readonly change: MaskRuns;
}

/** A step that was read and can be done. */
export type ReadStep = Extract<MaskStep, { kind: "previous" }> | PredictStep | EditStep;

/**
 * Reads the steps of a stored mask: what is stored may be of any version, or of another program.
 *
 * @param size of the image
 * @param where the mask, for messages
 * @throws DataEngineError `not-replayable` for steps that can't be done
 */
export function readSteps(value: unknown, size: Size, where: string): readonly ReadStep[] {
  if (!Array.isArray(value) || value.length === 0) throw refused(where, "it has no steps");
  return value.map((step: unknown, i) =>
    readStep(step as MaskStep, i, { size, where, before: value[i - 1] }),
  );
}

interface Place {
  readonly size: Size;
  readonly where: string;
  readonly before: MaskStep | undefined;
}

function readStep(step: MaskStep, i: number, { size, where, before }: Place): ReadStep {
  const what = `step ${i + 1}`;
  switch (step?.kind) {
    case "previous":
      if (i > 0) throw refused(where, `${what} begins anew`);
      return step;
    case "edit":
      return { kind: "edit", change: readChange(step.change, size, `${what} of ${where}`, where) };
    case "predict":
      checkPredict(step, what, where);
      if (step.rough === "logits" && before?.kind !== "predict")
        throw refused(where, `${what} needs logits, and no prediction comes before it`);
      if (step.rough === "mask" && before === undefined)
        throw refused(where, `${what} needs a mask, and nothing comes before it`);
      return step;
    default:
      throw refused(where, `${what} is of the unknown kind "${String((step as { kind?: unknown })?.kind)}"`);
  }
}

function readChange(value: unknown, size: Size, what: string, where: string): MaskRuns {
  try {
    return rleToRuns(parseRle(value, what, { size }), what, { size });
  } catch (cause) {
    if (cause instanceof SamError) throw refused(where, cause.message);
    throw cause;
  }
}

function checkPredict(
  { points, box, multimask, chosen, specksPx = 0 }: PredictStep,
  what: string,
  where: string,
): void {
  const areNumbers = (values: unknown, count: number) =>
    Array.isArray(values) && values.length === count && values.every(Number.isFinite);
  if (!Array.isArray(points) || !points.every((point) => areNumbers(point, 3)))
    throw refused(where, `${what} has no points that can be read`);
  if (box !== undefined && !areNumbers(box, 4)) throw refused(where, `${what} has no box that can be read`);
  if (points.length === 0 && box === undefined) throw refused(where, `${what} has no prompt`);
  if (!(specksPx >= 0)) throw refused(where, `${what} removes specks below ${String(specksPx)} pixels`);
  const most = multimask === true ? 3 : 1;
  if (chosen !== "best" && !(Number.isInteger(chosen) && chosen >= 0 && chosen < most))
    throw refused(where, `${what} takes mask ${String(chosen)} of ${most}`);
}

/** @param why without a full stop */
export function refused(where: string, why: string): DataEngineError {
  return new DataEngineError("not-replayable", `${where} can't be made again: ${why}.`);
}
