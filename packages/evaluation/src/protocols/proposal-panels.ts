import { decodeRle, type Rle, rleArea } from "@segany/masks";
import { drawMasks } from "@segany/sam";
import { readSampleImage, type SampleImage } from "../data/read-sample-image.js";
import type { Case } from "./protocol.js";

/** Two panels: all annotated masks of an image, and all proposed ones. */
export function proposalPanels(
  image: SampleImage,
  truths: readonly Rle[],
  proposals: readonly Rle[],
): Case["panels"] {
  const draw = async (rles: readonly Rle[]) =>
    drawMasks(
      await readSampleImage(image),
      rles.map((rle) => ({ areaPx: rleArea(rle), decode: () => decodeRle(rle) })),
    );
  return [
    { title: "ground truth", render: () => draw(truths) },
    { title: "proposals", render: () => draw(proposals) },
  ];
}
