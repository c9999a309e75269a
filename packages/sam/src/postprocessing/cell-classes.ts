/** Every pixel of the cell is at most the threshold / above it: one bit for each of the three thresholds. */
export const BELOW_LOW = 1;
const BELOW_MIDDLE = 2;
export const BELOW_HIGH = 4;
export const ABOVE_LOW = 8;
export const ABOVE_MIDDLE = 16;
export const ABOVE_HIGH = 32;
const ALL_BELOW = BELOW_LOW | BELOW_MIDDLE | BELOW_HIGH;
const ALL_ABOVE = ABOVE_LOW | ABOVE_MIDDLE | ABOVE_HIGH;

/** Whether every threshold is decided for the whole cell. */
export const isSettled = (bits: number): boolean => ((bits | (bits >> 3)) & ALL_BELOW) === ALL_BELOW;

/** Three rising thresholds in logits, rounded to float32. */
export interface LogitThresholds {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What is known of the pixels of each cell from the logits they read, without computing them. */
export interface CellClasses {
  /** Takes up a new map; the other functions speak of it until the next call. */
  classify(lowRes: Float32Array, thresholds: LogitThresholds): void;
  /** The bits that all cells share whose three rows begin at this low-res row. */
  rowBits(y: number): number;
  /** The bits of the cell whose 3x3 logits begin at this low-res position. */
  cellBits(x: number, y: number): number;
}

/**
 * How far beyond a threshold inputs must be for a cell to be decided by them. Float32 rounding is monotone, so with
 * all inputs above c the plain path gives at least what it gives for a constant c, which is within 1e-6 |c| of c.
 */
const marginOf = (threshold: number): number => 1e-5 * Math.max(1, Math.abs(threshold));

/**
 * Prepares the classification of maps by sliding 3x3 windows.
 *
 * @param lowResSize side of the square maps
 * @param readWidth how many low-res columns, from the first, are read at all (the rest is padding)
 * @param readHeight how many low-res rows are
 */
export function createCellClasses(lowResSize: number, readWidth: number, readHeight: number): CellClasses {
  /** AND of the classes of three neighbours along x, at the first of them. */
  const triples = new Uint8Array(readHeight * readWidth);
  const tripleRows = new Uint8Array(readHeight);

  function classify(lowRes: Float32Array, thresholds: LogitThresholds): void {
    const { low, middle, high } = thresholds;
    const [lowMargin, middleMargin, highMargin] = [marginOf(low), marginOf(middle), marginOf(high)];
    const [surelyLow, surelyHigh] = [low - lowMargin, high + highMargin];
    for (let y = 0; y < readHeight; y++) {
      let [before, last, all] = [0, 0, 63];
      for (let x = 0; x < readWidth; x++) {
        const logit = lowRes[y * lowResSize + x]!;
        let bits = ALL_BELOW;
        if (logit > surelyHigh) bits = ALL_ABOVE;
        else if (!(logit < surelyLow)) {
          bits = logit > low + lowMargin ? ABOVE_LOW : 0;
          if (logit < middle - middleMargin) bits |= BELOW_MIDDLE;
          else if (logit > middle + middleMargin) bits |= ABOVE_MIDDLE;
          if (logit < high - highMargin) bits |= BELOW_HIGH;
        }
        if (x >= 2) {
          const shared = before & last & bits;
          triples[y * readWidth + x - 2] = shared;
          all &= shared;
        }
        before = last;
        last = bits;
      }
      tripleRows[y] = all;
    }
  }

  return {
    classify,
    rowBits: (y) => tripleRows[y]! & tripleRows[y + 1]! & tripleRows[y + 2]!,
    cellBits(x, y) {
      const at = y * readWidth + x;
      return triples[at]! & triples[at + readWidth]! & triples[at + 2 * readWidth]!;
    },
  };
}
