/** The engine that ranks the masks of everything mode by CLIP: any words, where CLIP knows them. */
import {
  boxIou,
  boxOfRuns,
  boxXywhToXyxy,
  cocoBox,
  iouOfRuns,
  type MaskRuns,
  type RgbaImage,
  rleToRuns,
  throwIfAborted,
} from "@segany/masks";
import { checkImage } from "../../images/check-image.js";
import {
  type MaskGeneratorModel,
  SamAutomaticMaskGenerator,
} from "../../mask-generator/automatic-mask-generator.js";
import type { MaskGeneratorOptions } from "../../mask-generator/settings.js";
import { checkThreshold } from "../check-threshold.js";
import type { Clip } from "../clip.js";
import type { GroundedObject, GroundOptions, TextGrounder } from "../grounding.js";
import { embedMasks, embedWords, type MaskFeatures, rankByTexts } from "../rank-masks.js";
import { checkWords } from "../words/check-words.js";

/** A word is found where it is more probable than all negatives together. */
const THRESHOLD = 0.5;

/** Of masks that overlap by more, the best stays: whole, part and subpart of a thing are all masks. */
const IOU_THRESHOLD = 0.5;

/** What a mask may be instead of the word: CLIP only compares. */
const NEGATIVES = ["thing", "background", "texture", "part of something"];

/** What the engine is made of. */
export interface ClipRankParts {
  readonly clip: Clip;
  /** Finds the masks. */
  readonly sam: MaskGeneratorModel;
  /** Behaviour `fast` by default. */
  readonly generator?: Omit<MaskGeneratorOptions, "outputMode">;
}

/** An image whose masks were shown to CLIP. */
interface SeenImage {
  readonly masks: readonly MaskRuns[];
  readonly features: MaskFeatures;
}

/**
 * An engine of an open CLIP, which it owns, and of a model that stays the caller's. The last image's masks
 * and their features are kept, so a further word costs only its sentences.
 */
export function createClipRank({ clip, sam, generator = {} }: ClipRankParts): TextGrounder {
  let last: { readonly image: RgbaImage; readonly seen: Promise<SeenImage> } | undefined;
  let negatives: Promise<Float32Array[]> | undefined;

  function seenOf(image: RgbaImage, options: GroundOptions): Promise<SeenImage> {
    if (last?.image === image) return last.seen;
    const seen = look({ clip, sam, generator }, image, options);
    last = { image, seen };
    seen.catch(() => {
      if (last?.seen === seen) last = undefined;
    });
    return seen;
  }

  function embedNegatives(): Promise<Float32Array[]> {
    negatives ??= embedWords(clip, NEGATIVES).catch((error: unknown) => {
      negatives = undefined;
      throw error;
    });
    return negatives;
  }

  return {
    engine: "clip-rank",
    checkpointSha256: clip.checkpointSha256,
    check: checkWords,
    async ground(image, text, options = {}) {
      const threshold = checkThreshold(options.threshold ?? THRESHOLD);
      const labels = (typeof text === "string" ? [text] : text).map(checkWords);
      checkImage(image);
      throwIfAborted(options.signal);
      const words = await embedWords(clip, labels, options.signal && { signal: options.signal });
      const others = await embedNegatives();
      const { masks, features } = await seenOf(image, options);
      const objects = labels.flatMap((label, i) => {
        const ranked = rankByTexts(features, [words[i]!, ...others], clip.logitScale);
        const found = ranked.flatMap(({ index, probability = 0 }) =>
          probability >= threshold ? [toObject(label, masks[index]!, probability)] : [],
        );
        return withoutDuplicates(found);
      });
      return {
        engine: "clip-rank",
        defaultThreshold: THRESHOLD,
        objects: objects.sort((a, b) => b.score - a.score),
      };
    },
    close: () => clip.close(),
    [Symbol.asyncDispose]: () => clip.close(),
  };
}

async function look(
  { clip, sam, generator }: Required<ClipRankParts>,
  image: RgbaImage,
  { signal }: GroundOptions,
): Promise<SeenImage> {
  const settings = { behaviour: "fast", ...generator, outputMode: "coco_rle" } as const;
  const records = await new SamAutomaticMaskGenerator(sam, settings).generate(image, signal && { signal });
  const masks = records.map(({ segmentation }) => rleToRuns(segmentation));
  return { masks, features: await embedMasks(clip, image, masks, signal && { signal }) };
}

type FoundMask = GroundedObject & { readonly mask: MaskRuns };

function toObject(label: string, mask: MaskRuns, score: number): FoundMask {
  return { label, score, boxXyxy: boxXywhToXyxy(cocoBox(boxOfRuns(mask))), mask };
}

/** @param objects the best first */
function withoutDuplicates(objects: readonly FoundMask[]): FoundMask[] {
  const kept: FoundMask[] = [];
  for (const object of objects) {
    const near = kept.filter(({ boxXyxy }) => boxIou(boxXyxy, object.boxXyxy) > 0).map(({ mask }) => mask);
    const ious = near.length > 0 ? iouOfRuns([object.mask], near) : [];
    if (ious.every((iou) => iou <= IOU_THRESHOLD)) kept.push(object);
  }
  return kept;
}
