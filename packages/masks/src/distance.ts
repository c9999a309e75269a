import { checkMask } from "./mask.js";
import type { Mask } from "./types.js";

/** What lies beyond the image. */
export interface DistanceOptions {
  /**
   * Whether pixels beyond the image count as outside, so that distances also run to the image's border.
   * Default true: the paper's click lies far from the mask's boundary, and a mask cut by the image has its
   * boundary there.
   */
  readonly borderIsOutside?: boolean;
}

/** The squared distance where there is no outside pixel at all. */
export const noOutside = 0xffffffff;

/**
 * The exact squared Euclidean distance of each inside pixel to the nearest outside pixel, between pixel
 * centres: 0 outside, 1 at least inside, `noOutside` everywhere when nothing is outside.
 *
 * Two passes of lower envelopes in whole numbers, linear in the number of pixels (Felzenszwalb and
 * Huttenlocher, "Distance transforms of sampled functions", 2012; Meijster et al., 2000).
 *
 * @returns squared pixels, row-major
 *
 * @example
 * const square = decodeRle(boxToRle([0, 0, 3, 3], { width: 3, height: 3 }));
 * console.log(squaredDistances(square).join(" ")); // 1 1 1 1 4 1 1 1 1
 */
export function squaredDistances(mask: Mask, { borderIsOutside = true }: DistanceOptions = {}): Uint32Array {
  checkMask(mask);
  const { width, height } = mask;
  const distances = verticalDistances(mask, borderIsOutside);
  const envelope = createEnvelope(width);
  for (let y = 0; y < height; y++) {
    distanceAlongRow(distances.subarray(y * width, (y + 1) * width), envelope, borderIsOutside);
  }
  return distances;
}

/**
 * The exact Euclidean distance of each inside pixel to the nearest outside pixel, between pixel centres; 0
 * outside, Infinity when nothing is outside.
 *
 * @returns pixels, row-major
 *
 * @example
 * const square = decodeRle(boxToRle([0, 0, 3, 3], { width: 3, height: 3 }));
 * console.log(distanceTransform(square).join(" ")); // 1 1 1 1 2 1 1 1 1
 */
export function distanceTransform(mask: Mask, options: DistanceOptions = {}): Float32Array {
  return Float32Array.from(squaredDistances(mask, options), (squared) =>
    squared === noOutside ? Number.POSITIVE_INFINITY : Math.sqrt(squared),
  );
}

/** For each pixel the distance to the nearest outside pixel in its column (not squared), or `noOutside`. */
function verticalDistances({ width, height, data }: Mask, borderIsOutside: boolean): Uint32Array {
  const distances = new Uint32Array(width * height);
  const beyond = borderIsOutside ? 0 : noOutside;
  for (let y = 0; y < height; y++) {
    for (let i = y * width; i < (y + 1) * width; i++) {
      const above = y === 0 ? beyond : distances[i - width]!;
      distances[i] = data[i] === 0 ? 0 : above === noOutside ? noOutside : above + 1;
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let i = y * width; i < (y + 1) * width; i++) {
      const below = y === height - 1 ? beyond : distances[i + width]!;
      if (below < distances[i]!) distances[i] = below + 1;
    }
  }
  return distances;
}

/** Room for one row's parabolas, used again for each row. */
interface Envelope {
  /** Columns at which the parabolas of the lower envelope stand. */
  readonly columns: Int32Array;
  /** Their lowest values. */
  readonly heights: Float64Array;
  /** The first column at which each is the lowest. */
  readonly from: Float64Array;
}

function createEnvelope(width: number): Envelope {
  return {
    columns: new Int32Array(width + 2),
    heights: new Float64Array(width + 2),
    from: new Float64Array(width + 2),
  };
}

/**
 * Replaces one row's vertical distances by squared distances in the plane. Runs of inside pixels are
 * independent: the outside pixel at the end of a run is nearer than any in a column beyond it.
 */
function distanceAlongRow(row: Uint32Array, envelope: Envelope, borderIsOutside: boolean): void {
  let x = 0;
  while (x < row.length) {
    if (row[x] === 0) {
      x++;
      continue;
    }
    const start = x;
    while (x < row.length && row[x] !== 0) x++;
    distanceAlongRun(row, start, x, envelope, borderIsOutside);
  }
}

/** The same for the inside pixels start..end-1, which outside pixels or the border enclose. */
function distanceAlongRun(
  row: Uint32Array,
  start: number,
  end: number,
  envelope: Envelope,
  borderIsOutside: boolean,
): void {
  let last = -1;
  if (borderIsOutside || start > 0) last = addParabola(envelope, last, start - 1, 0, start);
  for (let x = start; x < end; x++) {
    if (row[x] !== noOutside) last = addParabola(envelope, last, x, row[x]! * row[x]!, start);
  }
  if (borderIsOutside || end < row.length) last = addParabola(envelope, last, end, 0, start);
  if (last < 0) return;
  const { columns, heights, from } = envelope;
  for (let x = end - 1; x >= start; x--) {
    while (from[last]! > x) last--;
    const dx = x - columns[last]!;
    row[x] = dx * dx + heights[last]!;
  }
}

/**
 * Adds a parabola right of all others, dropping those it hides. Returns the index of the envelope's last one.
 */
function addParabola(
  { columns, heights, from }: Envelope,
  last: number,
  column: number,
  height: number,
  start: number,
): number {
  let first = start;
  for (; last >= 0; last--) {
    const dx = column - columns[last]!;
    const crossing = (column + columns[last]!) / 2 + (height - heights[last]!) / (2 * dx);
    // From the crossing on the new parabola is lower; at a tie the values are equal, so either will do.
    first = Math.max(start, Math.ceil(crossing));
    if (first > from[last]!) break;
    first = start;
  }
  last++;
  columns[last] = column;
  heights[last] = height;
  from[last] = first;
  return last;
}
