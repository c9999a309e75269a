import { type MaskRuns, runsToMask } from "@segany/masks";
import { modelInputSize } from "@segany/sam";
import type { ModelFrame } from "../segmentation/types.js";

/** Logit of a cell that is wholly inside; the decoder's own reach about as far. */
const CERTAIN = 10;

/**
 * A mask of the image as the model's rough-mask prompt: square logits over its frame, row-major. Cells that
 * the outline cuts get a value by the share of them that is inside; the padding is outside.
 */
export function maskToLogits(
  segmentation: MaskRuns,
  { maskSide, fit }: Pick<ModelFrame, "maskSide" | "fit">,
): Float32Array {
  const { width, height, data } = runsToMask(segmentation);
  const frame = modelInputSize({ width, height }, { imageSide: maskSide, fit });
  const logits = new Float32Array(maskSide * maskSide).fill(-CERTAIN);
  for (let row = 0; row < frame.height; row++) {
    const rows = span(row, frame.height, height);
    for (let column = 0; column < frame.width; column++) {
      const columns = span(column, frame.width, width);
      let inside = 0;
      for (let y = rows.from; y < rows.to; y++)
        for (let x = columns.from; x < columns.to; x++) inside += data[y * width + x]!;
      const share = inside / ((rows.to - rows.from) * (columns.to - columns.from));
      logits[row * maskSide + column] = CERTAIN * (2 * share - 1);
    }
  }
  return logits;
}

/** The pixels that a cell covers, at least one. */
function span(cell: number, cells: number, pixels: number): { readonly from: number; readonly to: number } {
  const from = Math.min(pixels - 1, Math.floor((cell * pixels) / cells));
  return { from, to: Math.max(from + 1, Math.floor(((cell + 1) * pixels) / cells)) };
}
