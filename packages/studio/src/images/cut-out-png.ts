import { cropRuns, runsToMask } from "@segany/masks";
import { cutOut } from "@segany/sam";
import { readImage } from "@segany/sam/browser";
import { encode } from "fast-png";
import { StudioError } from "../errors.js";
import type { MaskShape } from "../state/document.js";

/**
 * An object as a PNG of its mask's box, with everything around it transparent and black. Encoded here and not
 * by a canvas, which would keep colours only as far as their alpha lets it.
 *
 * @throws StudioError `nothing-to-export` for an empty mask
 */
export async function cutOutPng(
  bitmap: ImageBitmap,
  { segmentation, areaPx, boxXywh }: MaskShape,
): Promise<Blob> {
  if (areaPx === 0)
    throw new StudioError("nothing-to-export", "The mask is empty: there is nothing to cut out.");
  const [x, y, width, height] = boxXywh;
  const part = await createImageBitmap(bitmap, x, y, width, height);
  try {
    const { data } = cutOut(await readImage(part), runsToMask(cropRuns(segmentation, boxXywh)));
    const png = encode({ width, height, data, channels: 4, depth: 8 }) as Uint8Array<ArrayBuffer>;
    return new Blob([png], { type: "image/png" });
  } finally {
    part.close();
  }
}
