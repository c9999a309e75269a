import { type ModelPoint, modelBox, modelPoint } from "@segany/masks";
import type { PromptInput } from "@segany/sam";
import { TrainingError } from "../errors.js";
import type { Random } from "../random/random.js";
import type { Target } from "./target.js";

/** With what an object may be shown first. */
export const FIRST_PROMPTS = ["point", "box"] as const;

/** One of them. */
export type FirstPromptKind = (typeof FIRST_PROMPTS)[number];

/** Standard deviation of a box's noise, in lengths of the side that it moves along. */
const BOX_NOISE = 0.1;
/** No corner moves further than this along an axis, in pixels of the model's input. */
const MAX_BOX_NOISE = 20;

/** Share of first points that are a person's where one is known: others show the rest of the mask. */
const PERSONS_SHARE = 0.5;

/**
 * The first prompt of an object, as in the paper's training: one of the kinds, each as likely. A point lies
 * anywhere in the mask with the same probability, or, half of the time, where a person clicked first if that
 * is known; it is a foreground point. A box is the tight one, with
 * noise of the normal distribution on each coordinate, which deviates by 10 % of that side, at most by 20
 * pixels; it stays inside the image.
 *
 * @param kinds at least one
 * @returns a prompt in pixels of the model's input
 * @throws TrainingError `target-empty` for a target without a cell
 *
 * @example
 * const frame = { imageSide: 16, maskSide: 4, inputSize: { width: 16, height: 8 } };
 * const left = { width: 4, height: 2, counts: Uint32Array.of(0, 4, 4) };
 * const prompt = firstPrompt(createRandom(1), targetInModelFrame(left, frame), ["point"]);
 * console.log(prompt.pointLabels); // [ 1 ]
 */
export function firstPrompt(
  random: Random,
  target: Target,
  kinds: readonly FirstPromptKind[] = ["point", "box"],
): PromptInput {
  if (kinds.length === 0)
    throw new TrainingError(
      "option-invalid",
      "A first prompt needs a kind. Allow points, boxes or both, which is best.",
    );
  if (target.area === 0)
    throw new TrainingError("target-empty", "A target without a cell can't be prompted. Leave it out.");
  switch (kinds[random.below(kinds.length)]!) {
    case "box":
      return { boxXyxy: noisyBox(random, target) };
    case "point": {
      const { firstClick } = target;
      if (firstClick && random.unit() < PERSONS_SHARE) return { pointCoords: [firstClick], pointLabels: [1] };
      const cell = oneOf(random, cellsInside(target));
      return { pointCoords: [pointInCell(random, target, cell)], pointLabels: [1] };
    }
  }
}

/** What the next prompt is made from. */
export interface NextPromptInput {
  /** The prompt of the last round. */
  readonly prompt: PromptInput;
  readonly target: Target;
  /**
   * `maskSide` x `maskSide` logits that the last round gave for it, above 0 inside; of several masks, those
   * of the one whose predicted IoU is highest.
   */
  readonly logits: Float32Array;
  /** Whether a point is added. */
  readonly addPoint: boolean;
}

/**
 * The prompt of the next round: all that the last one had, its logits as the mask prompt, and, if wanted, a
 * point from anywhere in the region where these were wrong: foreground where the mask was missed, background
 * where it was too large. Nothing is added where there is no error. Padding is no place for a point: nobody
 * can click there.
 *
 * @returns a prompt in pixels of the model's input
 * @throws TrainingError `option-invalid` for logits of another size
 *
 * @example
 * const frame = { imageSide: 16, maskSide: 4, inputSize: { width: 16, height: 8 } };
 * const left = { width: 4, height: 2, counts: Uint32Array.of(0, 4, 4) };
 * const target = targetInModelFrame(left, frame);
 * const prompt = { pointCoords: [], pointLabels: [] };
 * const logits = new Float32Array(16).fill(-1); // finds nothing
 * const next = nextPrompt(createRandom(1), { prompt, target, logits, addPoint: true });
 * console.log(next.pointLabels); // [ 1 ]
 */
export function nextPrompt(
  random: Random,
  { prompt, target, logits, addPoint }: NextPromptInput,
): PromptInput {
  if (logits.length !== target.data.length)
    throw new TrainingError(
      "option-invalid",
      `There are ${logits.length} logits for a target of ${target.maskSide} x ${target.maskSide} cells. Give those of one mask.`,
    );
  const refined = { ...prompt, maskInput: logits };
  if (!addPoint) return refined;
  const errors = cellsWrong(target, logits);
  if (errors.length === 0) return refined;
  const cell = oneOf(random, errors);
  return {
    ...refined,
    pointCoords: [...(prompt.pointCoords ?? []), pointInCell(random, target, cell)],
    pointLabels: [...(prompt.pointLabels ?? []), target.data[cell]!],
  };
}

function noisyBox(random: Random, { boxXyxy, inputSize: { width, height } }: Target) {
  const [x0, y0, x1, y1] = boxXyxy;
  const moved = (value: number, length: number, limit: number): number => {
    const noise = random.normal() * BOX_NOISE * length;
    const bounded = Math.min(Math.max(noise, -MAX_BOX_NOISE), MAX_BOX_NOISE);
    return Math.min(Math.max(value + bounded, 0), limit);
  };
  const xs = [moved(x0, x1 - x0, width), moved(x1, x1 - x0, width)] as const;
  const ys = [moved(y0, y1 - y0, height), moved(y1, y1 - y0, height)] as const;
  return modelBox([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
}

function oneOf(random: Random, cells: readonly number[]): number {
  return cells[random.below(cells.length)]!;
}

function cellsInside({ data }: Target): number[] {
  const cells: number[] = [];
  for (let cell = 0; cell < data.length; cell++) if (data[cell] === 1) cells.push(cell);
  return cells;
}

/** Cells of the image, not of the padding, that the logits put on the wrong side. */
function cellsWrong(target: Target, logits: Float32Array): number[] {
  const { data, maskSide, imageSide, inputSize } = target;
  const columns = Math.min(Math.ceil((inputSize.width * maskSide) / imageSide), maskSide);
  const rows = Math.min(Math.ceil((inputSize.height * maskSide) / imageSide), maskSide);
  const cells: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const cell = row * maskSide + column;
      if (logits[cell]! > 0 !== (data[cell] === 1)) cells.push(cell);
    }
  }
  return cells;
}

/** Anywhere in a cell, as far as it is in the image. */
function pointInCell(random: Random, { maskSide, imageSide, inputSize }: Target, cell: number): ModelPoint {
  const side = imageSide / maskSide;
  const inside = (start: number, limit: number): number =>
    start + random.unit() * Math.min(side, limit - start);
  const column = cell % maskSide;
  const row = (cell - column) / maskSide;
  return modelPoint([inside(column * side, inputSize.width), inside(row * side, inputSize.height)]);
}
