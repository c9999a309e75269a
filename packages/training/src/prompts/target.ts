import {
  boxOfRuns,
  boxXywhToXyxy,
  columnRunsOf,
  type ExclusiveBoxXyxy,
  isInsideRuns,
  type MaskRuns,
  type ModelBoxXyxy,
  type ModelPoint,
  modelBox,
  modelPoint,
  type Size,
} from "@segany/masks";
import { TrainingError } from "../errors.js";

/** A model's square frames, and the part of them that an image fills. */
export interface ModelFrame {
  /** Side of the model's input, pixels: 1024 for SAM. */
  readonly imageSide: number;
  /** Side of the low-resolution logits, cells: 256 for SAM. */
  readonly maskSide: number;
  /** Size of the image in the model's input, before padding, pixels. */
  readonly inputSize: Size;
}

/** The true mask of an object in a model's frame: what logits are compared with, and prompts drawn from. */
export interface Target extends ModelFrame {
  /** `maskSide` x `maskSide`, row-major: 1 inside, 0 outside and in the padding. */
  readonly data: Uint8Array;
  /** Number of cells inside; 0 for an object that is too small to be seen at this resolution. */
  readonly area: number;
  /** Tight box of the mask, of its full resolution, in pixels of the model's input. */
  readonly boxXyxy: ModelBoxXyxy;
  /** Where somebody clicked first on the object, in pixels of the model's input; inside the mask. */
  readonly firstClick?: ModelPoint;
}

/**
 * Brings a mask to the size of a model's logits: each cell shows the pixel at its centre, where logits are
 * when they are enlarged to the image. (PyTorch's `interpolate(mode="nearest")` takes the pixel at the upper
 * left corner: trained on such targets, masks come out a third of a cell too far to the right and below.)
 *
 * @param mask of the image's size
 * @throws TrainingError `target-empty` for a mask without a pixel
 *
 * @example
 * const frame = { imageSide: 16, maskSide: 4, inputSize: { width: 16, height: 8 } };
 * const left = { width: 4, height: 2, counts: Uint32Array.of(0, 4, 4) };
 * console.log(targetInModelFrame(left, frame).data.slice(0, 4)); // Uint8Array(4) [ 1, 1, 0, 0 ]
 */
export function targetInModelFrame(mask: MaskRuns, frame: ModelFrame): Target {
  const boxXywh = boxOfRuns(mask);
  if (boxXywh[2] === 0)
    throw new TrainingError("target-empty", "A mask without a pixel can't be trained on. Leave it out.");
  const data = new Uint8Array(frame.maskSide ** 2);
  let area = 0;
  for (const cell of cellsInside(mask, frame)) {
    data[cell] = 1;
    area++;
  }
  return { ...frame, data, area, boxXyxy: scaleBox(boxXywhToXyxy(boxXywh), mask, frame.inputSize) };
}

/**
 * Adds a click to a target.
 *
 * @param point in pixels of the mask that the target was made of
 * @returns the target as it is where the click is not inside it
 */
export function withFirstClick(target: Target, [x, y]: readonly [number, number], mask: Size): Target {
  const { inputSize, imageSide, maskSide, data } = target;
  const point = modelPoint([(x * inputSize.width) / mask.width, (y * inputSize.height) / mask.height]);
  const [column, row] = point.map((value) => Math.floor((value * maskSide) / imageSide));
  return data[row! * maskSide + column!] === 1 ? { ...target, firstClick: point } : target;
}

/** Whether a mask has a cell in a model's frame, so that it can be trained on; faster than its target. */
export function isSeenInModelFrame(mask: MaskRuns, frame: ModelFrame): boolean {
  return cellsInside(mask, frame).next().done !== true;
}

/** The cells that show a pixel of the mask, by columns. */
function* cellsInside(
  mask: MaskRuns,
  { imageSide, maskSide, inputSize }: ModelFrame,
): Generator<number, void, undefined> {
  const [left, top, width, height] = boxOfRuns(mask);
  const columns = nearestPixels(maskSide, imageSide, inputSize.width, mask.width);
  const rows = nearestPixels(maskSide, imageSide, inputSize.height, mask.height);
  const runs = columnRunsOf(mask);
  for (const [column, x] of columns.entries()) {
    if (x < left || x >= left + width) continue;
    for (const [row, y] of rows.entries())
      if (y >= top && y < top + height && isInsideRuns(runs, x, y)) yield row * maskSide + column;
  }
}

/** For each cell before the padding, the pixel of the image at its centre, along one axis. */
function nearestPixels(cells: number, imageSide: number, inputLength: number, imageLength: number): number[] {
  const pixels: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const centre = ((cell + 0.5) * imageSide) / cells; // in the model's input
    if (centre >= inputLength) break;
    pixels.push(Math.min(Math.floor((centre * imageLength) / inputLength), imageLength - 1));
  }
  return pixels;
}

/** The box, multiplied by new/old on each axis and not rounded, as boxes of prompts are. */
function scaleBox([x0, y0, x1, y1]: ExclusiveBoxXyxy, from: Size, to: Size): ModelBoxXyxy {
  const scaleX = to.width / from.width;
  const scaleY = to.height / from.height;
  return modelBox([x0 * scaleX, y0 * scaleY, x1 * scaleX, y1 * scaleY]);
}
