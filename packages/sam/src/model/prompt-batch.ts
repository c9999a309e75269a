import { type Accepts, type ModelBoxXyxy, type ModelPoint, SamError } from "@segany/masks";

/**
 * Which of the decoder's masks are wanted: the first mask token (one mask, for prompts that leave no doubt), the other
 * three (whole, part and subpart), or all four in order.
 */
export type MaskTokens = "single" | "three" | "four";

/** Label of a padding point: the model was trained with one wherever a prompt has points but no box. */
export const NOT_A_POINT = -1;
/** Label of a token that only fills up a batch: no other token and no image cell ever looks at it. */
export const EXCLUDED = -2;
/** Labels of a box's first and last corner. */
const BOX_LABELS = [2, 3] as const;

/** One prompt in the model's padded input frame. Points, a box and a mask may stand together. */
export interface PromptInput {
  readonly pointCoords?: readonly Accepts<ModelPoint>[];
  /** One a point: 1 foreground, 0 background, -1 not a point. */
  readonly pointLabels?: readonly number[];
  readonly boxXyxy?: Accepts<ModelBoxXyxy>;
  /** Logits of a rough mask, row-major, as an earlier prediction gave them. */
  readonly maskInput?: Float32Array;
  /** KxC tokens in the decoder's own space, such as a text encoder's. */
  readonly extraTokens?: { readonly shape: readonly number[]; readonly data: Float32Array };
}

/** A batch of prompts as the decoder's inputs. */
export interface PackedPrompts {
  /** B prompts. */
  readonly batch: number;
  /** N tokens a prompt. */
  readonly tokens: number;
  /** BxNx2 pixels (x, y) in the model's frame. */
  readonly pointCoords: Float32Array;
  /** BxN, see {@link PromptInput} and the label constants. */
  readonly pointLabels: Float32Array;
  /** Whether some tokens are `EXCLUDED`, so that a decoder which honours that is needed. */
  readonly ragged: boolean;
  /** Bx1xSxS logits; left out when no prompt has a mask. */
  readonly maskInput?: Float32Array;
  /** B numbers, 1 where the prompt has a mask; left out when none has. */
  readonly hasMaskInput?: Float32Array;
  /** BxKxC tokens in the decoder's own space, after those of the points: where other kinds of prompts join. */
  readonly extraTokens?: { readonly count: number; readonly data: Float32Array };
}

interface Token {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/**
 * Lays prompts out as one batch: points, then a padding point if there are points and no box, then the box's corners
 * (Meta's `PromptEncoder.forward`). Shorter prompts are filled up with excluded tokens, so that each gives the very
 * result it gives alone.
 *
 * @throws SamError `prompt-invalid` for no prompts, points without labels, unknown labels, coordinates that are not
 *   finite, extra tokens in other numbers; `mask-invalid` for logits that are no square, or of different sizes
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
      `A prompt has ${pointCoords.length} points but ${pointLabels.length} labels. Give one label (1 or 0) a point.`,
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
      `(${broken.x}, ${broken.y}) is not a position. Give finite pixel coordinates.`,
    );
  }
  return tokens;
}

function checkedLabel(label: number): number {
  if (label === 0 || label === 1 || label === NOT_A_POINT) return label;
  throw new SamError(
    "prompt-invalid",
    `The point label ${label} means nothing. Use 1 for foreground, 0 for background.`,
  );
}

function packMasks(prompts: readonly PromptInput[]): Pick<PackedPrompts, "maskInput" | "hasMaskInput"> {
  const area = prompts.find(({ maskInput }) => maskInput)?.maskInput?.length;
  if (area === undefined) return {};
  const side = Math.sqrt(area);
  if (!Number.isInteger(side))
    throw new SamError(
      "mask-invalid",
      `A mask input has ${area} values, which are no square. Give the logits of an earlier prediction.`,
    );
  const maskInput = new Float32Array(prompts.length * area);
  const hasMaskInput = new Float32Array(prompts.length);
  prompts.forEach(({ maskInput: logits }, i) => {
    if (!logits) return;
    if (logits.length !== area) {
      throw new SamError(
        "mask-invalid",
        `A mask input has ${logits.length} values, another of the batch ${area}. Give ${side}x${side} logits.`,
      );
    }
    maskInput.set(logits, i * area);
    hasMaskInput[i] = 1;
  });
  return { maskInput, hasMaskInput };
}

/** No token of these can be excluded, so that every prompt of a batch has as many. */
function packExtraTokens(prompts: readonly PromptInput[]): Pick<PackedPrompts, "extraTokens"> {
  const counts = new Set(prompts.map(({ extraTokens }) => extraTokens?.shape.join("x") ?? "no"));
  if (counts.size > 1)
    throw new SamError(
      "prompt-invalid",
      `The prompts of a batch have ${[...counts].join(" and ")} extra tokens. Give each as many.`,
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
