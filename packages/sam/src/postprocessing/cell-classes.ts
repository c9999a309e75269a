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

/** First and last positions of cells. */
export interface CellExtent {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** Classifies cells by the logits they read, without computing pixels. */
export interface CellClasses {
  /** Classifies a new map; the other functions refer to it until the next call. */
  classify(lowRes: Float32Array, thresholds: LogitThresholds): void;
  /**
   * Low-res positions, inclusive, of the cells that may have a pixel above the low threshold; all others have
   * none. `x0 > x1` if there are none.
   */
  readonly extent: Readonly<CellExtent>;
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

/** Limits beyond which a logit is surely on one side of each threshold. */
interface Margins {
  readonly surelyLow: number;
  readonly aboveLow: number;
  readonly belowMiddle: number;
  readonly aboveMiddle: number;
  readonly belowHigh: number;
  readonly surelyHigh: number;
}

function withMargins({ low, middle, high }: LogitThresholds): Margins {
  const [lowMargin, middleMargin, highMargin] = [marginOf(low), marginOf(middle), marginOf(high)];
  return {
    surelyLow: low - lowMargin,
    aboveLow: low + lowMargin,
    belowMiddle: middle - middleMargin,
    aboveMiddle: middle + middleMargin,
    belowHigh: high - highMargin,
    surelyHigh: high + highMargin,
  };
}

/**
 * Writes the bits that three neighbours along x share, for `count` cells from `at` on.
 *
 * @param logit position of the first cell's first logit
 * @returns the bits that all these cells share
 */
function shareBits(
  lowRes: Float32Array,
  logit: number,
  count: number,
  { surelyLow, surelyHigh, aboveLow, belowMiddle, aboveMiddle, belowHigh }: Margins,
  triples: Uint8Array,
  at: number,
): number {
  let before = 0;
  let last = 0;
  let all = ALL_BELOW | ALL_ABOVE;
  for (let i = 0; i < count + 2; i++) {
    const value = lowRes[logit + i]!;
    let bits = ALL_BELOW;
    if (value > surelyHigh) bits = ALL_ABOVE;
    else if (!(value < surelyLow)) {
      bits = value > aboveLow ? ABOVE_LOW : 0;
      if (value < belowMiddle) bits |= BELOW_MIDDLE;
      else if (value > aboveMiddle) bits |= ABOVE_MIDDLE;
      if (value < belowHigh) bits |= BELOW_HIGH;
    }
    if (i >= 2) {
      const shared = before & last & bits;
      triples[at + i - 2] = shared;
      all &= shared;
    }
    before = last;
    last = bits;
  }
  return all;
}

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

  const extent: CellExtent = { x0: 0, y0: 0, x1: 0, y1: 0 };
  const lastCell = readWidth - 3;

  function classify(lowRes: Float32Array, thresholds: LogitThresholds): void {
    const margins = withMargins(thresholds);
    const { surelyLow } = margins;
    extent.x0 = extent.y0 = lowResSize;
    extent.x1 = extent.y1 = -1;
    for (let y = 0; y < readHeight; y++) {
      const start = y * lowResSize;
      let first = 0;
      while (first < readWidth && lowRes[start + first]! < surelyLow) first++;
      if (first === readWidth) {
        triples.fill(ALL_BELOW, y * readWidth, (y + 1) * readWidth);
        tripleRows[y] = ALL_BELOW;
        continue;
      }
      let last = readWidth - 1;
      while (lowRes[start + last]! < surelyLow) last--;
      const from = Math.max(0, Math.min(first - 2, lastCell));
      const to = Math.min(last, lastCell);
      const cells = y * readWidth;
      triples.fill(ALL_BELOW, cells, cells + from);
      triples.fill(ALL_BELOW, cells + to + 1, cells + lastCell + 1);
      const shared = shareBits(lowRes, start + from, to - from + 1, margins, triples, cells + from);
      tripleRows[y] = from > 0 || to < lastCell ? shared & ALL_BELOW : shared;
      if (from < extent.x0) extent.x0 = from;
      if (to > extent.x1) extent.x1 = to;
      if (extent.y1 < 0) extent.y0 = Math.max(0, y - 2);
      extent.y1 = y;
    }
  }

  return {
    classify,
    extent,
    rowBits: (y) => tripleRows[y]! & tripleRows[y + 1]! & tripleRows[y + 2]!,
    cellBits(x, y) {
      const at = y * readWidth + x;
      return triples[at]! & triples[at + readWidth]! & triples[at + 2 * readWidth]!;
    },
  };
}
