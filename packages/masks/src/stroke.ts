/** Brush strokes as masks, without a dense one. */
import { SamError } from "./errors.js";
import type { Accepts, ImagePoint, Point } from "./frames.js";
import { runsFromChanges } from "./runs.js";
import type { MaskRuns, Size } from "./types.js";

/** A line drawn with a round brush. */
export interface Stroke {
  /** Pixels of the image, in the order they were passed; one is a dot. */
  readonly points: readonly Accepts<ImagePoint>[];
  /** Pixels of the image. */
  readonly diameterPx: number;
}

/** Rows [top, bottom) of a column. */
type Interval = [top: number, bottom: number];

/**
 * The pixels whose centres the brush has passed, or, where it is too fine to reach any, the pixel under its
 * tip.
 *
 * @throws SamError `option-invalid` when the stroke has no point
 *
 * @example
 * const points = [[4, 4], [8, 4]] as const;
 * const stroke = strokeToRuns({ points, diameterPx: 4 }, { width: 20, height: 10 });
 * console.log(boxOfRuns(stroke)); // [ 2, 2, 8, 4 ]
 */
export function strokeToRuns({ points, diameterPx }: Stroke, { width, height }: Size): MaskRuns {
  const [first] = points;
  if (!first)
    throw new SamError("option-invalid", "A stroke has no point; give at least one, which is a dot.");
  const columns = new Map<number, Interval[]>();
  const radius = diameterPx / 2;
  let from = first;
  for (const to of points) {
    addCapsule(columns, from, to, radius, { width, height });
    addTip(columns, to, { width, height });
    from = to;
  }
  return columnsToRuns(columns, { width, height });
}

/** Adds what a disc covers on its way from one place to another. */
function addCapsule(
  columns: Map<number, Interval[]>,
  [ax, ay]: Point,
  [bx, by]: Point,
  radius: number,
  { width, height }: Size,
): void {
  const firstX = Math.max(0, Math.ceil(Math.min(ax, bx) - radius - 0.5));
  const lastX = Math.min(width - 1, Math.floor(Math.max(ax, bx) + radius - 0.5));
  for (let x = firstX; x <= lastX; x++) {
    const crossed = crossCapsule(x + 0.5, ax, ay, bx, by, radius);
    if (!crossed) continue;
    const top = Math.max(0, Math.ceil(crossed[0] - 0.5));
    const bottom = Math.min(height, Math.floor(crossed[1] - 0.5) + 1);
    if (bottom > top) addInterval(columns, x, [top, bottom]);
  }
}

/** Where the vertical line at `x` enters and leaves the capsule, which is convex. */
function crossCapsule(
  x: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
): Interval | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const include = (y: number, half: number) => {
    low = Math.min(low, y - half);
    high = Math.max(high, y + half);
  };
  if (Math.abs(x - ax) <= radius) include(ay, Math.sqrt(radius ** 2 - (x - ax) ** 2));
  if (Math.abs(x - bx) <= radius) include(by, Math.sqrt(radius ** 2 - (x - bx) ** 2));
  const length = Math.hypot(bx - ax, by - ay);
  if (length > 0 && bx !== ax) {
    // The two long sides: the middle line moved by the radius along its normal.
    for (const side of [-1, 1]) {
      const sx = ax - (side * radius * (by - ay)) / length;
      const along = (x - sx) / (bx - ax);
      if (along < 0 || along > 1) continue;
      include(ay + (side * radius * (bx - ax)) / length + along * (by - ay), 0);
    }
  }
  return high >= low ? [low, high] : null;
}

function addTip(columns: Map<number, Interval[]>, [x, y]: Point, { width, height }: Size): void {
  const column = Math.floor(x);
  const row = Math.floor(y);
  if (column < 0 || row < 0 || column >= width || row >= height) return;
  addInterval(columns, column, [row, row + 1]);
}

function addInterval(columns: Map<number, Interval[]>, x: number, interval: Interval): void {
  const known = columns.get(x);
  if (known) known.push(interval);
  else columns.set(x, [interval]);
}

function columnsToRuns(columns: Map<number, Interval[]>, { width, height }: Size): MaskRuns {
  const changes: number[] = [];
  for (const [x, intervals] of [...columns].sort(([a], [b]) => a - b)) {
    for (const [top, bottom] of joinIntervals(intervals)) {
      // A run that goes on over the end of its column goes on.
      if (changes.at(-1) === x * height + top) changes.pop();
      else changes.push(x * height + top);
      changes.push(x * height + bottom);
    }
  }
  return runsFromChanges(Uint32Array.from(changes), { width, height });
}

/** Sorted, and joined where they overlap or meet. */
function joinIntervals(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const [top, bottom] of [...intervals].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last && top <= last[1]) last[1] = Math.max(last[1], bottom);
    else joined.push([top, bottom]);
  }
  return joined;
}
