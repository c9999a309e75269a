/** Small parts of documents, for tests. */

import { maskToRuns } from "@segany/masks";
import type { Alternative, Document, MaskShape } from "../state/document.js";
import { startHistory } from "../state/history.js";
import { shapeOf } from "../state/mask-shape.js";
import type { GalleryImage } from "../state/types.js";

/** A mask of 8 x 6 pixels from rows of `#` and `.`; rows that are left out are empty. */
export function drawnShape(...rows: readonly string[]): MaskShape {
  const data = new Uint8Array(8 * 6);
  for (const [y, row] of rows.entries())
    for (const [x, mark] of [...row].entries()) data[y * 8 + x] = mark === "#" ? 1 : 0;
  const shape = shapeOf(maskToRuns({ width: 8, height: 6, data }));
  if (!shape) throw new Error("There is no pixel in the drawn mask.");
  return shape;
}

/** An image "p" of 8 x 6 pixels that can be worked on, with a document. */
export function readyImage(document: Document): GalleryImage {
  return {
    id: "p",
    name: "p",
    width: 8,
    height: 6,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory(document),
  };
}

/** An answer of the model whose logits all have one value, so that it can be told from others. */
export function alternativeOf(shape: MaskShape, predictedIou: number, logit = 0): Alternative {
  return { ...shape, predictedIou, lowResLogits: new Float32Array(4).fill(logit) };
}
