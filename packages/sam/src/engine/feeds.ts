/** Inputs of a model's graphs, by name. */
import { SamError } from "@segany/masks";
import type { RunTensor } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { NamedTensors } from "../model/model-family.js";
import type { ModelIo } from "../model/model-io.js";
import type { PackedPrompts } from "../model/prompt-batch.js";

/** Selects the inputs that a graph has. */
export function pick(feeds: NamedTensors, names: readonly string[]): NamedTensors {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}

/** The feature maps of an image. */
export function featureFeeds({ features }: ImageEmbedding): NamedTensors {
  const maps = Object.entries(features);
  return Object.fromEntries(maps.map(([name, map]) => [name, { dtype: "float32" as const, ...map }]));
}

/** The prompts from `start` to `end`, exclusive; views of the batch. */
export function promptFeeds(prompts: PackedPrompts, start: number, end: number): NamedTensors {
  const { batch, tokens, pointCoords, pointLabels, maskInput, hasMaskInput, extraTokens } = prompts;
  const rows = (data: Float32Array, shape: readonly number[]): RunTensor => {
    const size = data.length / batch;
    return {
      dtype: "float32",
      shape: [end - start, ...shape],
      data: data.subarray(start * size, end * size),
    };
  };
  const side = maskInput ? Math.sqrt(maskInput.length / batch) : 0;
  return {
    point_coords: rows(pointCoords, [tokens, 2]),
    point_labels: rows(pointLabels, [tokens]),
    ...(maskInput &&
      hasMaskInput && {
        mask_input: rows(maskInput, [1, side, side]),
        has_mask_input: rows(hasMaskInput, []),
      }),
    ...(extraTokens && {
      extra_tokens: rows(extraTokens.data, [
        extraTokens.count,
        extraTokens.data.length / batch / extraTokens.count,
      ]),
    }),
  };
}

/**
 * Validates sizes that ONNX Runtime would refuse without a clear message.
 *
 * @throws SamError `mask-invalid`, `prompt-invalid`
 */
export function checkSizes(
  { batch, maskInput, extraTokens }: PackedPrompts,
  { maskSide, tokenWidth }: Pick<ModelIo, "maskSide" | "tokenWidth">,
): void {
  if (maskInput && maskInput.length !== batch * maskSide * maskSide)
    throw new SamError(
      "mask-invalid",
      `A mask input has ${maskInput.length / batch} values; the model takes ${maskSide}x${maskSide} logits.`,
    );
  if (extraTokens && extraTokens.data.length !== batch * extraTokens.count * tokenWidth)
    throw new SamError("prompt-invalid", `Extra tokens must have ${tokenWidth} values each.`);
}
