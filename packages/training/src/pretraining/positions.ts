import { TrainingError } from "../errors.js";

/**
 * Fixed positions of a grid's cells as sines and cosines, half of the channels for the column and half for
 * the row (`get_2d_sincos_pos_embed` of MAE's authors).
 *
 * @param side cells along a side of the square grid
 * @param width channels, a multiple of 4
 * @returns side² x width, row-major
 * @throws TrainingError `option-invalid` for another width
 */
export function sinCosPositions(side: number, width: number): Float32Array {
  const frequencies = width / 4;
  if (!Number.isInteger(frequencies))
    throw new TrainingError(
      "option-invalid",
      `Positions of ${width} channels can't be made: use a multiple of 4.`,
    );
  const values = new Float32Array(side * side * width);
  for (let cell = 0; cell < side * side; cell++)
    for (const [half, place] of [cell % side, Math.floor(cell / side)].entries())
      for (let i = 0; i < frequencies; i++) {
        const angle = place / 10_000 ** (i / frequencies);
        const at = cell * width + 2 * half * frequencies + i;
        values[at] = Math.sin(angle);
        values[at + frequencies] = Math.cos(angle);
      }
  return values;
}
