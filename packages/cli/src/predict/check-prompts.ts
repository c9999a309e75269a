import { SamError } from "@segany/masks";
import type { ImagePrompt, Sam, SamPredictor } from "@segany/sam";
import { toMaskInput } from "./mask-input.js";
import type { ReadPrompt, ReadPrompts } from "./prompts.js";

/** Prompts that were checked against their image. */
export interface CheckedPrompts {
  /** All, in their order. */
  readonly entries: readonly ReadPrompt[];
  /** Those to use. */
  readonly prompts: readonly ImagePrompt[];
  readonly refused: readonly SamError[];
  /** What was done to the rough mask. */
  readonly notices: readonly string[];
}

/**
 * Adds the rough mask, and checks each prompt against the image of a predictor.
 *
 * @throws SamError of the first prompt that can't be used if none can, or if `strict`
 */
export function checkPrompts(
  { entries: read, mask }: ReadPrompts,
  predictor: SamPredictor,
  { model }: Sam,
  { strict = false }: { readonly strict?: boolean },
): CheckedPrompts {
  const { imageSize } = predictor.getImageEmbedding();
  const maskInput = mask && toMaskInput(mask, { imageSize, model });
  const entries = read.map((entry, index): ReadPrompt => {
    if ("error" in entry) return entry;
    const prompt = maskInput ? { ...entry.prompt, maskInput: maskInput.logits } : entry.prompt;
    try {
      return { prompt: predictor.checkPrompt(prompt) };
    } catch (error) {
      if (!(error instanceof SamError)) throw error;
      return { error: read.length === 1 ? error : numbered(error, index) };
    }
  });
  const prompts = entries.flatMap((entry) => ("prompt" in entry ? [entry.prompt] : []));
  const refused = entries.flatMap((entry) => ("error" in entry ? [entry.error] : []));
  const [first] = refused;
  if (first && (strict || prompts.length === 0)) throw first;
  return { entries, prompts, refused, notices: maskInput?.notices ?? [] };
}

function numbered(error: SamError, index: number): SamError {
  return new SamError(error.code, `Prompt ${index + 1}: ${error.message}`, { cause: error });
}
