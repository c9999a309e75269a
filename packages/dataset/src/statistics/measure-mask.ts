import { decompressRle, type Point, type Rle } from "@segany/masks";

/** What a mask measures, all in pixels of its image. */
export interface MaskMeasures {
  readonly area: number;
  /** Of all its pixels together; [0, 0] for an empty mask. Pixel (x, y) covers [x, x + 1] x [y, y + 1]. */
  readonly centre: Point;
  /** The smallest convex area around its pixels, corners included, so that a rectangle is its own hull. */
  readonly hullArea: number;
}

/** Measures a mask from its runs, without making it dense. */
export function measureMask(rle: Rle): MaskMeasures {
  const columns = columnsOf(rle);
  const { area, sumX, sumY } = columns;
  return {
    area,
    centre: area === 0 ? [0, 0] : [sumX / area, sumY / area],
    hullArea: area === 0 ? 0 : hullAreaOf(columns),
  };
}

interface Columns {
  readonly firstX: number;
  /** Of each column from `firstX`: the first row inside, or Infinity for a column without one. */
  readonly tops: number[];
  /** The row after the last one inside, or -Infinity. */
  readonly bottoms: number[];
  readonly area: number;
  /** Sums of the middles of pixels. */
  readonly sumX: number;
  readonly sumY: number;
}

function columnsOf(rle: Rle): Columns {
  const height = rle.size[0];
  const { counts } = decompressRle(rle);
  const tops: number[] = [];
  const bottoms: number[] = [];
  let firstX = -1;
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  let start = 0;
  for (let i = 1; i < counts.length; i += 2) {
    start += counts[i - 1]!;
    const end = start + counts[i]!;
    while (start < end) {
      const x = Math.floor(start / height);
      const top = start - x * height;
      const bottom = Math.min(end - x * height, height);
      const rows = bottom - top;
      if (firstX < 0) firstX = x;
      for (let column = tops.length; column < x - firstX; column++) addColumn(tops, bottoms);
      if (tops.length === x - firstX) addColumn(tops, bottoms);
      tops[x - firstX] = Math.min(tops[x - firstX]!, top);
      bottoms[x - firstX] = bottom;
      area += rows;
      sumX += rows * (x + 0.5);
      sumY += (rows * (top + bottom)) / 2;
      start += rows;
    }
  }
  return { firstX, tops, bottoms, area, sumX, sumY };
}

function addColumn(tops: number[], bottoms: number[]): void {
  tops.push(Number.POSITIVE_INFINITY);
  bottoms.push(Number.NEGATIVE_INFINITY);
}

/** The area between the lower line of the hull and the upper one; both have corners at sides of columns. */
function hullAreaOf({ tops, bottoms }: Columns): number {
  return areaUnder(hullLine(bottoms)) + areaUnder(hullLine(tops.map((top) => -top)));
}

/** The upper convex line over columns of a height; empty columns have -Infinity. Andrew's monotone chain. */
function hullLine(heights: readonly number[]): Point[] {
  const line: Point[] = [];
  for (let x = 0; x <= heights.length; x++) {
    const y = Math.max(heights[x - 1] ?? Number.NEGATIVE_INFINITY, heights[x] ?? Number.NEGATIVE_INFINITY);
    if (y === Number.NEGATIVE_INFINITY) continue;
    while (line.length >= 2 && !turnsDown(line.at(-2)!, line.at(-1)!, [x, y])) line.pop();
    line.push([x, y]);
  }
  return line;
}

function turnsDown(a: Point, b: Point, c: Point): boolean {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) < 0;
}

function areaUnder(line: readonly Point[]): number {
  let area = 0;
  for (let i = 1; i < line.length; i++) {
    const [x0, y0] = line[i - 1]!;
    const [x1, y1] = line[i]!;
    area += ((x1 - x0) * (y0 + y1)) / 2;
  }
  return area;
}
