/** Masks ranked by words: CLIP sees crops of each mask, whose features are compared with those of a text. */
import { areaOfRuns, type MaskRuns, type RgbaImage, SamError } from "@segany/masks";
import { type Clip, type EmbedOptions, similarity } from "./clip.js";
import { meanDirection } from "./features.js";
import { cropArea, cropOfMask, cropWithContext } from "./mask-crops.js";

/**
 * Features of an image's masks. They are kept by the caller: each further word costs only the text tower.
 */
export interface MaskFeatures {
  /** SHA-256 of the CLIP checkpoint that made them. */
  readonly checkpointSha256: string;
  /** A vector of length 1 for each mask; undefined for one that covers less than 1 % of its crop. */
  readonly vectors: readonly (Float32Array | undefined)[];
}

/** Settings of {@link embedMasks}. */
export interface EmbedMasksOptions extends EmbedOptions {
  /** How much longer than the mask's box its crop is, from 0 on; 0.3 (30 %) by default. */
  readonly context?: number;
  /** Called with the number of masks done so far. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Settings of {@link rankMasks}. */
export interface RankMasksOptions extends EmbedOptions {
  /** Sentences with `{}` in the place of the word, of which the mean is taken. */
  readonly templates?: readonly string[];
  /** What else masks may be: words that the given one has to stand out from. */
  readonly negatives?: readonly string[];
}

/** A mask and how well a word describes it. */
export interface RankedMask {
  /** Place in the list of masks. */
  readonly index: number;
  /** Cosine of the mask and the word. Only differences between masks or words mean something. */
  readonly similarity: number;
  /** Probability of the word among itself and the negatives, 0 to 1; only with negatives. */
  readonly probability?: number;
}

const DEFAULT_CONTEXT = 0.3;

/** A mask with less of its crop is a thin line or a scatter of pixels, of which CLIP sees nothing. */
const MIN_COVER = 0.01;

/** Masks embedded at once; each has two crops, and those of large masks are as large as the image. */
const MASKS = 4;

/** Of nearly equal length: a batch costs as much as if all its sentences had the longest one's tokens. */
const TEMPLATES = ["a photo of a {}", "a cropped photo of a {}", "a {} in a scene"];

/**
 * Embeds masks of an image: the mean of a crop with its surroundings and of the same crop with only the
 * mask.
 *
 * @param masks of the image's size
 * @throws SamError `mask-invalid` for a mask of another size, `option-invalid`, `inference-failed`,
 *   `aborted`
 */
export async function embedMasks(
  clip: Clip,
  image: RgbaImage,
  masks: readonly MaskRuns[],
  { context = DEFAULT_CONTEXT, onProgress, signal }: EmbedMasksOptions = {},
): Promise<MaskFeatures> {
  if (!(context >= 0 && context <= 10))
    throw new SamError("option-invalid", `The context is ${context}; give a number from 0 to 10.`);
  for (const mask of masks) checkSize(mask, image);
  const vectors = new Array<Float32Array | undefined>(masks.length).fill(undefined);
  const visible = masks.flatMap((mask, index) =>
    areaOfRuns(mask) >= MIN_COVER * cropArea(mask, context) && areaOfRuns(mask) > 0 ? [index] : [],
  );
  for (let start = 0; start < visible.length; start += MASKS) {
    const batch = visible.slice(start, start + MASKS);
    const crops = batch.flatMap((index) => [
      cropWithContext(image, masks[index]!, context),
      cropOfMask(image, masks[index]!, context),
    ]);
    const features = await clip.embedImages(crops, signal && { signal });
    batch.forEach((index, i) => {
      vectors[index] = meanDirection(features.slice(2 * i, 2 * i + 2));
    });
    onProgress?.(Math.min(start + MASKS, visible.length), visible.length);
  }
  return { checkpointSha256: clip.checkpointSha256, vectors };
}

/**
 * Ranks masks by how well a word describes them, the best first. Masks without features are left out.
 *
 * CLIP only compares: something is always first, also if nothing in the image is what the word says.
 * Negatives ("a wall", "grass") tell how far it stands out.
 *
 * @param word what to look for, such as "red car"
 * @throws SamError `embedding-mismatch` for features of another CLIP; `prompt-invalid` for a word that can't
 *   be read, `option-invalid` for templates without `{}`, `inference-failed`, `aborted`
 */
export async function rankMasks(
  clip: Clip,
  features: MaskFeatures,
  word: string,
  { templates = TEMPLATES, negatives = [], signal }: RankMasksOptions = {},
): Promise<RankedMask[]> {
  if (features.checkpointSha256 !== clip.checkpointSha256)
    throw new SamError("embedding-mismatch", "The masks were embedded by another CLIP; embed them again.");
  const texts = await embedWords(clip, [word, ...negatives], { templates, ...(signal && { signal }) });
  return rankByTexts(features, texts, clip.logitScale);
}

/**
 * Features of words: of each the mean of its sentences, of length 1.
 *
 * @throws SamError as {@link rankMasks}
 */
export async function embedWords(
  clip: Pick<Clip, "embedText">,
  words: readonly string[],
  { templates = TEMPLATES, signal }: Pick<RankMasksOptions, "templates" | "signal"> = {},
): Promise<Float32Array[]> {
  checkTemplates(templates);
  const sentences = words.flatMap((each) => templates.map((template) => inTemplate(each, template)));
  const embedded = await clip.embedText(sentences, signal && { signal });
  return words.map((_, i) => meanDirection(embedded.slice(i * templates.length, (i + 1) * templates.length)));
}

/**
 * Ranks masks by the features of a word, the best first.
 *
 * @param texts features of the word, then of each negative
 * @param logitScale of the model
 */
export function rankByTexts(
  features: MaskFeatures,
  texts: readonly Float32Array[],
  logitScale: number,
): RankedMask[] {
  const ranked = features.vectors.flatMap((vector, index) =>
    vector === undefined
      ? []
      : [
          scored(
            index,
            texts.map((text) => similarity(vector, text)),
            logitScale,
          ),
        ],
  );
  return ranked.sort((a, b) => scoreOf(b) - scoreOf(a) || a.index - b.index);
}

/** @param cosines of the word, then of each negative */
function scored(index: number, cosines: readonly number[], logitScale: number): RankedMask {
  const ratios = cosines.map((cosine) => Math.exp(logitScale * (cosine - cosines[0]!)));
  const probability = 1 / ratios.reduce((sum, ratio) => sum + ratio, 0);
  return { index, similarity: cosines[0]!, ...(cosines.length > 1 && { probability }) };
}

function scoreOf({ similarity: cosine, probability }: RankedMask): number {
  return probability ?? cosine;
}

/** An empty word would leave a sentence that says nothing. */
function inTemplate(word: string, template: string): string {
  if (word.trim() === "") throw new SamError("prompt-invalid", "The word is empty: say what to look for.");
  return template.replaceAll("{}", () => word);
}

function checkTemplates(templates: readonly string[]): void {
  const wrong = templates.length === 0 ? "none" : templates.find((template) => !template.includes("{}"));
  if (wrong === undefined) return;
  throw new SamError("option-invalid", `Templates need "{}" in the place of the word; given is: ${wrong}.`);
}

function checkSize(mask: MaskRuns, image: RgbaImage): void {
  if (mask.width === image.width && mask.height === image.height) return;
  throw new SamError(
    "mask-invalid",
    `The mask is ${mask.width} x ${mask.height} pixels and the image ${image.width} x ${image.height}.`,
  );
}
