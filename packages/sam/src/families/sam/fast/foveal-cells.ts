import { SamError } from "@segany/masks";

/** Cells outside the window stand for a block of so many by so many. */
export const BLOCK = 4;

/**
 * Which cells of the embedding a foveal decoder looks at: all in a window, and one of each block elsewhere.
 */
export interface FovealCells {
  /** Numbers of cells, row-major: first those of the window row by row, then one of each block outside. */
  readonly cells: Int32Array;
  /** First column and row of the window, cells. */
  readonly x: number;
  readonly y: number;
}

/** How many cells that is. */
export function fovealCellCount(side: number, window: number): number {
  checkWindow(side, window);
  return window * window + (side * side - window * window) / BLOCK ** 2;
}

/**
 * The logarithm of how many cells each stands for: added to an attention's scores, a cell counts as often as
 * that.
 */
export function fovealWeights(side: number, window: number): Float32Array {
  const weights = new Float32Array(fovealCellCount(side, window));
  weights.fill(Math.log(BLOCK ** 2), window * window);
  return weights;
}

/**
 * The cells for a window around a place; it is moved to whole blocks, and inside the embedding.
 *
 * @param centreX column that should be in the middle, cells; fractions are welcome
 * @param centreY row
 */
export function fovealCells(side: number, window: number, centreX: number, centreY: number): FovealCells {
  const cells = new Int32Array(fovealCellCount(side, window));
  const first = (centre: number) => {
    const start = Math.round((centre - window / 2) / BLOCK) * BLOCK;
    return Math.max(0, Math.min(side - window, start));
  };
  const [x, y] = [first(centreX), first(centreY)];
  let count = 0;
  for (let row = y; row < y + window; row++) {
    for (let column = x; column < x + window; column++) cells[count++] = row * side + column;
  }
  for (let row = 0; row < side; row += BLOCK) {
    for (let column = 0; column < side; column += BLOCK) {
      const inWindow = column >= x && column < x + window && row >= y && row < y + window;
      if (!inWindow) cells[count++] = (row + BLOCK / 2) * side + column + BLOCK / 2;
    }
  }
  return { cells, x, y };
}

function checkWindow(side: number, window: number): void {
  if (side % BLOCK === 0 && window % BLOCK === 0 && window > 0 && window <= side) return;
  throw new SamError(
    "option-invalid",
    `A window of ${window} cells does not fit an embedding of ${side}: both must be multiples of ${BLOCK}, the window at most the side.`,
  );
}
