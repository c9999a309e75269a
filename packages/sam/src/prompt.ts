import {
  type Accepts,
  type BoxXyxy,
  type ExclusiveBoxXyxy,
  type ImagePoint,
  type Point,
  SamError,
  type Size,
} from "@segany/masks";
import type { ImageEmbedding, Tensor } from "./embeddings/image-embedding.js";
import type { FieldNames } from "./known-options.js";
import type { ModelIo } from "./model/model-io.js";
import type { PromptInput } from "./model/prompt-batch.js";
import { toModelBoxes, toModelPoints } from "./preprocessing/coordinates.js";

/**
 * A prompt in pixels of the original image. All parts are optional and together describe one object. Points
 * and boxes may lie a little outside the image, by 2 % of its longer side and at least a
 * pixel; they are moved to its edge.
 */
export interface ImagePrompt {
  /** Points (x, y), each with a label. */
  readonly pointCoords?: readonly Accepts<ImagePoint>[];
  /** 1: on the object, 0: not on it. */
  readonly pointLabels?: readonly number[];
  /** From where it begins to where it ends. */
  readonly box?: Accepts<ExclusiveBoxXyxy>;
  /** Low-resolution logits of an earlier prediction, row-major: 256x256 for every published model. */
  readonly maskInput?: Float32Array;
  /**
   * KxC tokens in the decoder's own space, with the model's `tokenWidth`, for example from a text encoder.
   */
  readonly extraTokens?: Tensor;
  /**
   * Words for what to segment, such as "dog": all objects of the kind, or, with points or a box, the one that
   * these are on. Public weights of SAM do not understand text, so the predictor needs an engine that does.
   */
  readonly text?: string;
}

/**
 * How far outside the image coordinates may be, as a share of its longer side: rounding, and boxes of
 * detectors that reach over the edge. What is farther out is of another image, or of another scale.
 */
export const OUTSIDE_SHARE = 0.02;

/** The names of a prompt's fields. */
export const PROMPT_FIELDS: FieldNames<ImagePrompt> = {
  pointCoords: true,
  pointLabels: true,
  box: true,
  maskInput: true,
  extraTokens: true,
  text: true,
};

type Frame = Pick<ImageEmbedding, "imageSize" | "inputSize">;

/** What a prompt has to fit. */
export interface PromptTarget extends Pick<ModelIo, "maskSide" | "tokenWidth"> {
  /** Checks words and brings them into one form; throws `text-unavailable` where none can be used. */
  readonly checkText: (text: string) => string;
}

/**
 * Validates a prompt against its image and the model, applies defaults, and moves what lies a little outside
 * the image to its edge.
 *
 * @throws SamError `prompt-invalid` with the part and its value, `text-unavailable`
 */
export function checkPrompt(prompt: ImagePrompt, { imageSize }: Frame, target: PromptTarget): ImagePrompt {
  const { pointCoords = [], pointLabels = [], box, maskInput, extraTokens } = prompt;
  const text = prompt.text === undefined ? undefined : checkText(prompt, prompt.text, target);
  if (pointCoords.length !== pointLabels.length) {
    throw new SamError(
      "prompt-invalid",
      `There are ${pointCoords.length} points but ${pointLabels.length} labels; every point needs one (1 on the object, 0 not on it).`,
    );
  }
  const points = pointCoords.map((point, i) => clipPoint(point, `Point ${i + 1}`, imageSize));
  for (const label of pointLabels) {
    if (label !== 0 && label !== 1)
      throw new SamError(
        "prompt-invalid",
        `A point's label is ${label}; it must be 1 (on the object) or 0 (not on it).`,
      );
  }
  const clippedBox = box && clipBox(box, imageSize);
  if (maskInput) checkMaskInput(maskInput, target.maskSide);
  if (extraTokens) checkExtraTokens(extraTokens, target.tokenWidth);
  if (pointCoords.length === 0 && !box && !maskInput && !extraTokens && text === undefined) {
    throw new SamError(
      "prompt-invalid",
      "The prompt is empty: give at least a point, a box or a rough mask.",
    );
  }
  return {
    ...prompt,
    pointCoords: points,
    pointLabels,
    ...(clippedBox && { box: clippedBox }),
    ...(text !== undefined && { text }),
  };
}

function checkText({ maskInput, extraTokens }: ImagePrompt, text: string, target: PromptTarget): string {
  const words = target.checkText(text);
  if (maskInput || extraTokens)
    throw new SamError(
      "prompt-invalid",
      "A prompt with text has points and a box, if any, but no rough mask and no extra tokens.",
    );
  return words;
}

function clipPoint([x, y]: Point, what: string, { width, height }: Size): Point {
  const reach = Math.max(1, OUTSIDE_SHARE * Math.max(width, height));
  const far = Math.max(-x, x - width, -y, y - height);
  if (!(far <= reach))
    throw new SamError(
      "prompt-invalid",
      `${what} at (${x}, ${y}) is outside the image, which is ${width} x ${height} pixels (up to ${Math.floor(reach)} pixels outside are moved to its edge).`,
    );
  return [clamp(x, width), clamp(y, height)];
}

function clamp(value: number, size: number): number {
  return Math.min(Math.max(value, 0), size);
}

function clipBox(box: BoxXyxy, imageSize: Size): BoxXyxy {
  const [x0, y0, x1, y1] = box;
  if (box.length !== 4)
    throw new SamError("prompt-invalid", `A box has four numbers x0, y0, x1, y1, not ${box.length}.`);
  const first = clipPoint([x0, y0], "The box's first corner", imageSize);
  const second = clipPoint([x1, y1], "The box's second corner", imageSize);
  if (second[0] <= first[0] || second[1] <= first[1])
    throw new SamError(
      "prompt-invalid",
      `The box (${box.join(", ")}) is empty: x1 and y1 must be larger than x0 and y0, and it must reach into the image.`,
    );
  return [...first, ...second];
}

function checkMaskInput(maskInput: Float32Array, side: number): void {
  if (maskInput.length !== side * side) {
    throw new SamError(
      "prompt-invalid",
      `The rough mask has ${maskInput.length} values; it must be ${side} x ${side} logits (${side * side}), as lowResLogits of an earlier prediction.`,
    );
  }
  checkFinite(maskInput, "The rough mask");
}

function checkExtraTokens({ shape, data }: Tensor, width: number): void {
  const [count = 0, length] = shape;
  if (shape.length !== 2 || !(count > 0) || length !== width || data.length !== count * width) {
    throw new SamError(
      "prompt-invalid",
      `The extra tokens have ${data.length} values of shape [${shape.join(", ")}]; it must be at least one token of ${width} values, [K, ${width}].`,
    );
  }
  checkFinite(data, "An extra token");
}

function checkFinite(values: Float32Array, what: string): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new SamError(
    "prompt-invalid",
    `${what} has ${values[bad]} at index ${bad}; its values must be finite numbers.`,
  );
}

/** Maps a validated prompt from the original image to the model's frame. */
export function toModelFrame(
  { pointCoords = [], pointLabels = [], box, maskInput, extraTokens }: ImagePrompt,
  { imageSize, inputSize }: Frame,
): PromptInput {
  const [boxXyxy] = toModelBoxes(box ? [box] : [], imageSize, inputSize);
  return {
    pointCoords: toModelPoints(pointCoords, imageSize, inputSize),
    pointLabels,
    ...(boxXyxy && { boxXyxy }),
    ...(maskInput && { maskInput }),
    ...(extraTokens && { extraTokens }),
  };
}
