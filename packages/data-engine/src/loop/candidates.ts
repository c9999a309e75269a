import type { MaskRecord, RgbaImage } from "@segany/masks";
import { type MaskGeneratorOptions, type Sam, SamAutomaticMaskGenerator } from "@segany/sam";

/** Thresholds of everything mode that lose little; confidence decides afterwards. */
const CANDIDATES = { predIouThresh: 0.3, stabilityScoreThresh: 0.4 };

/** IoU with an accepted mask from which a candidate is good: a person would keep or only correct it. */
export const GOOD_CANDIDATE = 0.75;

export interface CandidateOptions extends Pick<MaskGeneratorOptions, "behaviour" | "pointsPerSide"> {
  readonly signal?: AbortSignal | undefined;
}

/** What everything mode finds in an image, uncertain masks included. */
export function findCandidates(
  sam: Sam,
  image: RgbaImage,
  { behaviour, pointsPerSide, signal }: CandidateOptions,
): Promise<MaskRecord[]> {
  const generator = new SamAutomaticMaskGenerator(sam, {
    ...CANDIDATES,
    ...(behaviour && { behaviour }),
    ...(pointsPerSide !== undefined && { pointsPerSide }),
    outputMode: "coco_rle",
  });
  return generator.generate(image, signal ? { signal } : {});
}
