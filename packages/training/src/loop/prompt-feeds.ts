import type { RunTensor } from "@segany/runtime";
import { type PromptInput, packPrompts } from "@segany/sam";
import type { Target } from "../prompts/target.js";

/**
 * Prompts and targets as the inputs of a decoder's objective, all of one image.
 *
 * @param vectors CLIP's features that are the first part of each prompt, if they are
 */
export function promptFeeds(
  prompts: readonly PromptInput[],
  targets: readonly Target[],
  isFirst: boolean,
  vectors?: readonly Float32Array[],
): Record<string, RunTensor> {
  const { batch, tokens, pointCoords, pointLabels, maskInput, hasMaskInput } = packPrompts(prompts);
  const side = targets[0]!.maskSide;
  const cells = side * side;
  const masks = new Float32Array(batch * cells);
  targets.forEach(({ data }, i) => {
    masks.set(data, i * cells);
  });
  return {
    point_coords: floats(pointCoords, [batch, tokens, 2]),
    point_labels: floats(pointLabels, [batch, tokens]),
    mask_input: floats(maskInput ?? new Float32Array(batch * cells), [batch, 1, side, side]),
    has_mask_input: floats(hasMaskInput ?? new Float32Array(batch), [batch]),
    targets: floats(masks, [batch, side, side]),
    trains_single: perPrompt(prompts, (prompt) => !isFirst || !!vectors || prompt.boxXyxy !== undefined),
    trains_three: perPrompt(prompts, () => isFirst),
    ...(vectors && { clip_features: joined(vectors) }),
  };
}

function perPrompt(prompts: readonly PromptInput[], holds: (prompt: PromptInput) => boolean): RunTensor {
  return floats(
    Float32Array.from(prompts, (prompt) => (holds(prompt) ? 1 : 0)),
    [prompts.length],
  );
}

function joined(vectors: readonly Float32Array[]): RunTensor {
  const width = vectors[0]!.length;
  const data = new Float32Array(vectors.length * width);
  vectors.forEach((vector, i) => {
    data.set(vector, i * width);
  });
  return floats(data, [vectors.length, width]);
}

function floats(data: Float32Array, shape: readonly number[]): RunTensor {
  return { dtype: "float32", shape, data };
}
