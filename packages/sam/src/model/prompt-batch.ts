import { type Accepts, type ModelBoxXyxy, type ModelPoint, SamError } from "@segany/masks";

/**
 * Which of the decoder's masks to return: the first mask token (one mask, for unambiguous prompts), the other
 * three (whole, part and subpart), or all four in order.
 */
export type MaskTokens = "single" | "three" | "four";

/** Label of a padding point: the model was trained with one for prompts with points but no box. */
export const NOT_A_POINT = -1;
/** Label of a token that only pads a batch: no other token and no image cell attends to it. */
export const EXCLUDED = -2;
/** Labels of a box's first and last corner. */
const BOX_LABELS = [2, 3] as const;

/**
 * Larger batches are sent to the engine in several calls: the logits, 0.8 MB per prompt, would be in one
 * message.
 */
const PROMPTS_PER_CALL = 64;

/** One prompt in the model's padded input frame. Points, a box and a mask can be combined. */
export interface PromptInput {
  readonly pointCoords?: readonly Accepts<ModelPoint>[];
  /** One per point: 1 foreground, 0 background, -1 not a point. */
  readonly pointLabels?: readonly number[];
  readonly boxXyxy?: Accepts<ModelBoxXyxy>;
  /** Logits of a mask prompt, row-major, from an earlier prediction. */
  readonly maskInput?: Float32Array;
  /** KxC tokens in the decoder's own space, for example from a text encoder. */
  readonly extraTokens?: { readonly shape: readonly number[]; readonly data: Float32Array };
}

/** A batch of prompts as the decoder's inputs. */
export interface PackedPrompts {
  /** B prompts. */
  readonly batch: number;
  /** N tokens per prompt. */
  readonly tokens: number;
  /** BxNx2 pixels (x, y) in the model's frame. */
  readonly pointCoords: Float32Array;
  /** BxN, see {@link PromptInput} and the label constants. */
  readonly pointLabels: Float32Array;
  /** Whether some tokens are `EXCLUDED`, so that a decoder that handles them is needed. */
  readonly ragged: boolean;
  /** Bx1xSxS logits; missing if no prompt has a mask. */
  readonly maskInput?: Float32Array;
  /** B numbers, 1 for a prompt with a mask; missing if none has one. */
  readonly hasMaskInput?: Float32Array;
  /** BxKxC tokens in the decoder's own space, after those of the points, for other kinds of prompts. */
  readonly extraTokens?: { readonly count: number; readonly data: Float32Array };
}

interface Token {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/**
 * Packs prompts into one batch: points, then a padding point if there are points and no box, then the box's
 * corners (Meta's `PromptEncoder.forward`). Shorter prompts are padded with excluded tokens, so that the
 * result of each prompt does not depend on the others.
 *
 * @throws SamError `prompt-invalid` for no prompts, points without labels, unknown labels, coordinates that
 *   are not finite, different numbers of extra tokens; `mask-invalid` for logits that are not a square, or of
 *   different sizes
 *
 * @example
 * const prompts = packPrompts([{ pointCoords: [[512, 300]], pointLabels: [1] }]);
 * const { masks } = await predictor.predictModelFrame(prompts, "four");
 * console.log(masks); // 4
 */
export function packPrompts(prompts: readonly PromptInput[]): PackedPrompts {
  if (prompts.length === 0) throw new SamError("prompt-invalid", "There is no prompt. Give at least one.");
  const lists = prompts.map(promptTokens);
  const tokens = Math.max(1, ...lists.map((list) => list.length));
  const pointCoords = new Float32Array(prompts.length * tokens * 2);
  const pointLabels = new Float32Array(prompts.length * tokens).fill(EXCLUDED);
  lists.forEach((list, prompt) => {
    list.forEach(({ x, y, label }, i) => {
      const place = prompt * tokens + i;
      pointCoords.set([x, y], 2 * place);
      pointLabels[place] = label;
    });
  });
  const ragged = lists.some((list) => list.length < tokens);
  const packed = { batch: prompts.length, tokens, pointCoords, pointLabels, ragged };
  return { ...packed, ...packMasks(prompts), ...packExtraTokens(prompts) };
}

function promptTokens({ pointCoords = [], pointLabels = [], boxXyxy }: PromptInput): Token[] {
  if (pointCoords.length !== pointLabels.length) {
    throw new SamError(
      "prompt-invalid",
      `A prompt has ${pointCoords.length} points but ${pointLabels.length} labels. Give one label (1 or 0) per point.`,
    );
  }
  const points = pointCoords.map(([x, y], i) => ({ x, y, label: checkedLabel(pointLabels[i]!) }));
  const corners = boxXyxy ? [boxXyxy.slice(0, 2), boxXyxy.slice(2, 4)] : [];
  const box = corners.map(([x, y], i) => ({ x: x!, y: y!, label: BOX_LABELS[i]! }));
  const padding = points.length > 0 && !boxXyxy ? [{ x: 0, y: 0, label: NOT_A_POINT }] : [];
  const tokens = [...points, ...padding, ...box];
  const broken = tokens.find(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y));
  if (broken) {
    throw new SamError(
      "prompt-invalid",
      `(${broken.x}, ${broken.y}) is not a valid position. Give finite pixel coordinates.`,
    );
  }
  return tokens;
}

function checkedLabel(label: number): number {
  if (label === 0 || label === 1 || label === NOT_A_POINT) return label;
  throw new SamError(
    "prompt-invalid",
    `The point label ${label} is invalid. Use 1 for foreground, 0 for background.`,
  );
}

function packMasks(prompts: readonly PromptInput[]): Pick<PackedPrompts, "maskInput" | "hasMaskInput"> {
  const area = prompts.find(({ maskInput }) => maskInput)?.maskInput?.length;
  if (area === undefined) return {};
  const side = Math.sqrt(area);
  if (!Number.isInteger(side))
    throw new SamError(
      "mask-invalid",
      `A mask input has ${area} values, which are not a square. Give the logits of an earlier prediction.`,
    );
  const maskInput = new Float32Array(prompts.length * area);
  const hasMaskInput = new Float32Array(prompts.length);
  prompts.forEach(({ maskInput: logits }, i) => {
    if (!logits) return;
    if (logits.length !== area) {
      throw new SamError(
        "mask-invalid",
        `A mask input has ${logits.length} values, another one in the batch has ${area}. Give ${side}x${side} logits.`,
      );
    }
    maskInput.set(logits, i * area);
    hasMaskInput[i] = 1;
  });
  return { maskInput, hasMaskInput };
}

/** Packs extra tokens. They can't be excluded, so every prompt of a batch must have the same number. */
function packExtraTokens(prompts: readonly PromptInput[]): Pick<PackedPrompts, "extraTokens"> {
  const counts = new Set(prompts.map(({ extraTokens }) => extraTokens?.shape.join("x") ?? "no"));
  if (counts.size > 1)
    throw new SamError(
      "prompt-invalid",
      `The prompts of a batch have ${[...counts].join(" and ")} extra tokens. Give each the same number.`,
    );
  const [count] = prompts[0]!.extraTokens?.shape ?? [];
  if (!count) return {};
  const length = prompts[0]!.extraTokens!.data.length;
  const data = new Float32Array(prompts.length * length);
  prompts.forEach(({ extraTokens }, i) => {
    data.set(extraTokens!.data, i * length);
  });
  return { extraTokens: { count, data } };
}

/** Splits prompts into batches, in order, that {@link packPrompts} can pack. */
export function batchPrompts(prompts: readonly PromptInput[]): PromptInput[][] {
  const batches: PromptInput[][] = [];
  const tokensOf = (prompt: PromptInput) => prompt.extraTokens?.shape[0];
  for (const prompt of prompts) {
    const last = batches.at(-1);
    const fits = last && last.length < PROMPTS_PER_CALL && tokensOf(last[0]!) === tokensOf(prompt);
    if (fits) last.push(prompt);
    else batches.push([prompt]);
  }
  return batches;
}
