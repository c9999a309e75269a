import { type Annotation, hasMask } from "@segany/dataset";
import { areaOfRuns, type MaskRuns, rleToRuns, type Size } from "@segany/masks";
import { type ModelIo, modelInputSize } from "@segany/sam";
import { isSeenInModelFrame } from "../prompts/target.js";
import type { DataProblem, DataProblemKind } from "./problems.js";

/** Masks of a larger share of their image are left out, as in the paper's training (appendix A). */
const MAX_SHARE = 0.9;

/**
 * An annotation's mask, or what keeps it from being trained on.
 *
 * @param model the one to be trained, whose resolution must show the mask
 */
export function checkAnnotation(
  annotation: Annotation,
  image: Size & { readonly fileName: string },
  model: Pick<ModelIo, "imageSide" | "fit" | "maskSide"> | undefined,
): { readonly runs: () => MaskRuns } | { readonly problem: DataProblem } {
  const { id } = annotation;
  const { fileName } = image;
  const leaveOut = (kind: DataProblemKind, what: string) => {
    const message = `Annotation ${id} of ${fileName} ${what}.`;
    return { problem: { kind, fileName, annotationId: id, message } };
  };
  if (!hasMask(annotation)) return leaveOut("box-without-mask", "is a box without a mask");
  if (annotation.isCrowd) return leaveOut("crowd", "is a region of a crowd, not one object");
  const { segmentation } = annotation;
  const runs = rleToRuns(segmentation);
  const area = areaOfRuns(runs);
  if (area === 0) return leaveOut("mask-empty", "has a mask without a pixel");
  const share = area / (image.width * image.height);
  if (share > MAX_SHARE)
    return leaveOut("mask-too-large", `covers ${Math.round(share * 1000) / 10} % of its image`);
  if (model) {
    const { imageSide, maskSide } = model;
    const frame = { imageSide, maskSide, inputSize: modelInputSize(image, model) };
    if (!isSeenInModelFrame(runs, frame))
      return leaveOut("mask-too-small", `has ${area} pixels, too few to be seen by the model`);
  }
  return { runs: () => rleToRuns(segmentation) };
}
