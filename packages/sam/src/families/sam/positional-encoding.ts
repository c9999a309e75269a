import type { GraphBuilder, Value } from "@segany/graph";
import { add, concat, cos, div, matmul, mul, sin, sub } from "@segany/graph/ops";

/** Key of the random spatial frequencies, 2xF. */
export const GAUSSIAN_KEY = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix";

/**
 * Sines and cosines [..., 2F] of positions [..., 2] given as (x, y) in 0…1 (paper, appendix A; Meta's
 * `PositionEmbeddingRandom`).
 */
function encodeUnitPositions(g: GraphBuilder, positions: Value): Value {
  const centred = sub(g, mul(g, positions, g.scalar(2)), g.scalar(1));
  const phases = mul(g, matmul(g, centred, g.weight(GAUSSIAN_KEY)), g.scalar(2 * Math.PI)); // ...xF
  return concat(g, [sin(g, phases), cos(g, phases)], -1);
}

/** Encodes pixels BxNx2 of the model's input frame, taken at their centres: BxNx2F. */
export function encodePoints(g: GraphBuilder, pointCoords: Value, imageSize: number): Value {
  const centres = add(g, pointCoords, g.scalar(0.5));
  return encodeUnitPositions(g, div(g, centres, g.scalar(imageSize)));
}

/** Encodes the cells of the image embedding, row by row: (side·side)x2F. */
export function encodeGrid(g: GraphBuilder, side: number): Value {
  return encodeUnitPositions(g, g.constant(gridCentres(side), [side * side, 2]));
}

/**
 * The same as {@link encodeGrid}, computed here: for constants that are folded into weights. `gaussian` is
 * 2xF.
 */
export function gridEncoding(gaussian: Float32Array, side: number): Float32Array {
  const frequencies = gaussian.length / 2;
  const centres = gridCentres(side);
  const encoding = new Float32Array(side * side * 2 * frequencies);
  for (let cell = 0; cell < side * side; cell++) {
    const x = 2 * centres[2 * cell]! - 1;
    const y = 2 * centres[2 * cell + 1]! - 1;
    const row = cell * 2 * frequencies;
    for (let f = 0; f < frequencies; f++) {
      const phase = 2 * Math.PI * (x * gaussian[f]! + y * gaussian[frequencies + f]!);
      encoding[row + f] = Math.sin(phase);
      encoding[row + frequencies + f] = Math.cos(phase);
    }
  }
  return encoding;
}

/** Centres (x, y) of a side x side grid over the unit square, row by row. */
function gridCentres(side: number): Float32Array {
  const centres = new Float32Array(side * side * 2);
  for (let cell = 0; cell < side * side; cell++) {
    centres[2 * cell] = ((cell % side) + 0.5) / side;
    centres[2 * cell + 1] = (Math.floor(cell / side) + 0.5) / side;
  }
  return centres;
}
