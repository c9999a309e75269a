/** Bits of a cell: every pixel is at most the threshold, or above it, for each of the three thresholds. */
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

/** Three ascending thresholds in logits, rounded to float32. */
export interface LogitThresholds {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Classifies cells by the logits they read, without computing pixels. */
export interface CellClasses {
  /** Classifies a new map; the other functions refer to it until the next call. */
  classify(lowRes: Float32Array, thresholds: LogitThresholds): void;
  /** The bits that all cells whose three rows start at this low-res row share. */
  rowBits(y: number): number;
  /** The bits of the cell whose 3x3 logits start at this low-res position. */
  cellBits(x: number, y: number): number;
}

/**
 * How far beyond a threshold inputs must be to decide a cell. Float32 rounding is monotone, so with all
 * inputs above c the plain path returns at least what it returns for a constant c, which is within 1e-6 |c|
 * of c.
 */
const marginOf = (threshold: number): number => 1e-5 * Math.max(1, Math.abs(threshold));

/**
 * Prepares the classification of maps with sliding 3x3 windows.
 *
 * @param lowResSize side of the square maps
 * @param readWidth number of low-res columns that are read, from the first (the rest is padding)
 * @param readHeight number of low-res rows that are read
 */
export function createCellClasses(lowResSize: number, readWidth: number, readHeight: number): CellClasses {
  /** AND of the classes of three neighbours along x, at the first of them */
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
