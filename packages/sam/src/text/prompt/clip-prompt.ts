/**
 * The paper's own engine (appendix D.5): words become a prompt token of SAM's decoder, through CLIP's text
 * tower and a projection that was trained together with the decoder.
 */
import {
  boxOfRuns,
  boxXywhToXyxy,
  cocoBox,
  type MaskRuns,
  type RgbaImage,
  throwIfAborted,
} from "@segany/masks";
import type { ImageEmbedding, Tensor } from "../../embeddings/image-embedding.js";
import type { Engine } from "../../engine/types.js";
import { checkImage } from "../../images/check-image.js";
import { splitDecodedMasks } from "../../model/decoded-masks.js";
import { batchPrompts, packPrompts } from "../../model/prompt-batch.js";
import { createMaskUpscaler } from "../../postprocessing/mask-upscaling.js";
import { prepareImage } from "../../preprocessing/prepare-image.js";
import { checkThreshold } from "../check-threshold.js";
import type { Clip } from "../clip.js";
import type { GroundedObject, TextGrounder } from "../grounding.js";
import { checkWords } from "../words/check-words.js";
import { checkProjection, type TextProjection } from "./text-projection.js";

/** The decoder makes a mask of any words; how sure it is of the mask does not say that the thing is there. */
const THRESHOLD = 0;

/** What words are put into before the text tower reads them. */
const TEMPLATE = "a photo of a {}";

/** What the engine is made of. */
export interface ClipPromptParts {
  readonly clip: Clip;
  readonly projection: TextProjection;
  /** The model that was trained with the projection. */
  readonly sam: { readonly engine: Engine };
}

/**
 * An engine of an open CLIP, which it owns, and of a model that stays the caller's. Each phrase has one
 * object: the mask of its token of which the decoder is most sure.
 *
 * @throws SamError `embedding-mismatch` for a projection of another CLIP or of another model
 */
export function createClipPrompt({ clip, projection, sam }: ClipPromptParts): TextGrounder {
  const { featureSize } = clip.architecture;
  checkProjection(projection, { ...clip, featureSize }, sam.engine.model);
  let last: { readonly image: RgbaImage; readonly embedding: ImageEmbedding } | undefined;

  function encode(image: RgbaImage, signal: AbortSignal | undefined): Promise<ImageEmbedding> {
    return sam.engine.encode(prepareImage(image, sam.engine.model), { signal });
  }

  return {
    engine: "clip-prompt",
    checkpointSha256: projection.sha256,
    check: checkWords,
    async ground(image, text, { threshold = THRESHOLD, embedding, signal } = {}) {
      checkThreshold(threshold);
      const labels = (typeof text === "string" ? [text] : text).map(checkWords);
      checkImage(image);
      throwIfAborted(signal);
      const cancel = signal && { signal };
      const tokens = (await embedPhrases(clip, labels, cancel)).map((vector) => projection.project(vector));
      const known = embedding ?? (last?.image === image ? last.embedding : undefined);
      const encoded = known ?? (await encode(image, signal));
      last = { image, embedding: encoded };
      const masks = await decodeTokens(sam.engine, encoded, tokens, signal);
      const objects = masks.flatMap((mask, i) => objectOf(labels[i]!, tokens[i]!, mask));
      return {
        engine: "clip-prompt",
        defaultThreshold: THRESHOLD,
        objects: objects.filter(({ score }) => score >= threshold).sort((a, b) => b.score - a.score),
      };
    },
    close: () => clip.close(),
    [Symbol.asyncDispose]: () => clip.close(),
  };
}

/**
 * Features of words as the engine's token is made of, each of length 1.
 *
 * @throws SamError as `Clip.embedText`
 */
export function embedPhrases(
  clip: Pick<Clip, "embedText">,
  words: readonly string[],
  options?: { readonly signal: AbortSignal },
): Promise<Float32Array[]> {
  return clip.embedText(
    words.map((each) => TEMPLATE.replace("{}", () => each)),
    options,
  );
}

/** A token's mask, of the image's size. */
interface TokenMask {
  readonly mask: MaskRuns;
  readonly predictedIou: number;
}

/** For each token that mask of the three of which the decoder is most sure. */
async function decodeTokens(
  engine: Engine,
  embedding: ImageEmbedding,
  tokens: readonly Tensor[],
  signal: AbortSignal | undefined,
): Promise<TokenMask[]> {
  const { imageSide, maskSide } = engine.model;
  const upscaler = createMaskUpscaler({
    lowResSize: maskSide,
    modelSize: imageSide,
    inputSize: embedding.inputSize,
    originalSize: embedding.imageSize,
  });
  const found: TokenMask[] = [];
  for (const batch of batchPrompts(tokens.map((extraTokens) => ({ extraTokens })))) {
    const request = { embedding, prompts: packPrompts(batch), masks: "three" } as const;
    for (const { iouPredictions, lowResLogits } of splitDecodedMasks(
      await engine.decode(request, { signal }),
    )) {
      const predictedIou = Math.max(...iouPredictions);
      const logits = lowResLogits[iouPredictions.indexOf(predictedIou)]!;
      found.push({ mask: upscaler.toRuns(logits, 0), predictedIou });
    }
  }
  return found;
}

/** None if the mask is empty. */
function objectOf(label: string, tokens: Tensor, { mask, predictedIou }: TokenMask): GroundedObject[] {
  const box = boxOfRuns(mask);
  if (box[2] === 0) return [];
  const score = Math.min(Math.max(predictedIou, 0), 1);
  return [{ label, score, boxXyxy: boxXywhToXyxy(cocoBox(box)), mask, tokens }];
}
