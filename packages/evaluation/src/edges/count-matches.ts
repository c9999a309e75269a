import type { Mask } from "@segany/masks";
import { type BoundaryMatcher, createBoundaryMatcher } from "./boundary-matching.js";
import type { FloatMap } from "./float-map.js";
import { thin } from "./thin.js";

/** The benchmark's number of thresholds: k / (n + 1) for k = 1..n. */
export const THRESHOLD_COUNT = 99;

/** Counts of one image at each threshold, from which all edge metrics follow. */
export interface EdgeCounts {
  /** Edge pixels, and those that match any annotator. */
  readonly edges: readonly number[];
  readonly matchedEdges: readonly number[];
  /** Boundary pixels of all annotators together, and those of them that are matched. */
  readonly boundaries: readonly number[];
  readonly matchedBoundaries: readonly number[];
}

/**
 * The thresholds themselves, rising.
 *
 * @example
 * console.log(edgeThresholds(3)); // [ 0.25, 0.5, 0.75 ]
 */
export function edgeThresholds(count = THRESHOLD_COUNT): number[] {
  return Array.from({ length: count }, (_, i) => (i + 1) / (count + 1));
}

/**
 * Counts matches of an edge map with every annotator's boundaries, as the Berkeley benchmark does: at each
 * threshold the map is cut, thinned and matched with each annotator by itself. An edge is right when any
 * annotator has it; recall counts over all annotators.
 *
 * @param edges strengths in [0, 1], thinned or not
 * @param annotators boundary maps of the image's size, at least one
 *
 * @example
 * const line = { width: 3, height: 3, data: Uint8Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0) };
 * const edges = { ...line, data: Float32Array.from(line.data) };
 * const { matchedEdges } = countEdgeMatches(edges, [line], { thresholds: [0.5] });
 * console.log(matchedEdges); // [ 3 ]
 */
export function countEdgeMatches(
  edges: FloatMap,
  annotators: readonly Mask[],
  {
    thresholds = edgeThresholds(),
    maxDistanceShare,
  }: { readonly thresholds?: readonly number[]; readonly maxDistanceShare?: number } = {},
): EdgeCounts {
  const matchers = annotators.map((boundaries) => createBoundaryMatcher(boundaries, maxDistanceShare));
  const boundaryCount = matchers.reduce((sum, matcher) => sum + matcher.boundaryCount, 0);
  const counts: CutCounts[] = [];
  let before: Uint8Array | undefined;
  for (const threshold of thresholds) {
    const cut = cutAt(edges, threshold);
    // Many thresholds cut alike, above all the high ones.
    const isSame = before !== undefined && Buffer.compare(before, cut) === 0;
    counts.push(isSame ? counts.at(-1)! : countCut({ ...edges, data: cut }, matchers));
    before = cut;
  }
  return {
    edges: counts.map(({ edges }) => edges),
    matchedEdges: counts.map(({ matchedEdges }) => matchedEdges),
    boundaries: counts.map(() => boundaryCount),
    matchedBoundaries: counts.map(({ matchedBoundaries }) => matchedBoundaries),
  };
}

interface CutCounts {
  readonly edges: number;
  readonly matchedEdges: number;
  readonly matchedBoundaries: number;
}

function cutAt({ data }: FloatMap, threshold: number): Uint8Array {
  const cut = new Uint8Array(data.length);
  for (let i = 0; i < cut.length; i++) if (data[i]! >= threshold) cut[i] = 1;
  return cut;
}

function countCut(cut: Mask, matchers: readonly BoundaryMatcher[]): CutCounts {
  const pixels = pixelsOf(thin(cut));
  const isMatched = new Uint8Array(pixels.length);
  let matchedBoundaries = 0;
  for (const matcher of matchers) {
    const matched = matcher.match(pixels);
    for (let i = 0; i < matched.length; i++) {
      isMatched[i]! |= matched[i]!;
      matchedBoundaries += matched[i]!;
    }
  }
  return {
    edges: pixels.length,
    matchedEdges: isMatched.reduce((sum, value) => sum + value, 0),
    matchedBoundaries,
  };
}

function pixelsOf({ data }: Mask): Int32Array {
  const pixels: number[] = [];
  data.forEach((value, i) => {
    if (value !== 0) pixels.push(i);
  });
  return Int32Array.from(pixels);
}
