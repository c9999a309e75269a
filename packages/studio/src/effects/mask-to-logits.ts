import { decodeRle, type Rle } from "@segany/masks";
import { ResizeLongestSide } from "@segany/sam";

/** Side of the model's mask prompt. */
const SIDE = 256;
/** Logit of a cell that is wholly inside; the decoder's own reach about as far. */
const CERTAIN = 10;

/**
 * A mask of the image as the model's rough-mask prompt: 256x256 logits over the padded frame, row-major. Cells that the
 * outline cuts get a value by the share of them that is inside; the padding is outside.
 */
export function maskToLogits(segmentation: Rle): Float32Array {
  const { width, height, data } = decodeRle(segmentation);
  const frame = new ResizeLongestSide(SIDE).getPreprocessShape({ width, height });
  const logits = new Float32Array(SIDE * SIDE).fill(-CERTAIN);
  for (let row = 0; row < frame.height; row++) {
    const rows = span(row, frame.height, height);
    for (let column = 0; column < frame.width; column++) {
      const columns = span(column, frame.width, width);
      let inside = 0;
      for (let y = rows.from; y < rows.to; y++)
        for (let x = columns.from; x < columns.to; x++) inside += data[y * width + x]!;
      const share = inside / ((rows.to - rows.from) * (columns.to - columns.from));
      logits[row * SIDE + column] = CERTAIN * (2 * share - 1);
    }
  }
  return logits;
}

/** The pixels that a cell covers, at least one. */
function span(cell: number, cells: number, pixels: number): { readonly from: number; readonly to: number } {
  const from = Math.min(pixels - 1, Math.floor((cell * pixels) / cells));
  return { from, to: Math.max(from + 1, Math.floor(((cell + 1) * pixels) / cells)) };
}
