import type { Mask } from "@segany/masks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBoundaryMatcher } from "./boundary-matching.js";
import { countEdgeMatches, edgeThresholds } from "./count-matches.js";
import { edgeMetrics } from "./edge-metrics.js";
import { suppressNonMaxima } from "./edge-nms.js";
import { blur, createFloatMap, gaussianKernel, triangleKernel } from "./float-map.js";
import { sobelGradient, sobelMagnitude } from "./sobel.js";
import { thin } from "./thin.js";

function parse(rows: readonly string[]): Mask {
  const data = Uint8Array.from(rows.join(""), (sign) => (sign === "#" ? 1 : 0));
  return { width: rows[0]!.length, height: rows.length, data };
}

function print({ width, height, data }: Mask): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map((value) => (value ? "#" : ".")).join(""),
  );
}

const masks = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc
      .array(fc.boolean(), { minLength: width * height, maxLength: width * height })
      .map((bits) => ({ width, height, data: Uint8Array.from(bits, Number) })),
  );

/** Number of 8-connected parts. */
function countParts({ width, height, data }: Mask): number {
  const left = data.slice();
  let parts = 0;
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    parts++;
    const stack = [start];
    while (stack.length > 0) {
      const pixel = stack.pop()!;
      if (left[pixel] === 0) continue;
      left[pixel] = 0;
      const x = pixel % width;
      const y = Math.floor(pixel / width);
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++)
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) stack.push(ny * width + nx);
    }
  }
  return parts;
}

describe("thin", () => {
  it("leaves the middle line of a bar", () => {
    const bar = parse([".........", ".#######.", ".#######.", ".#######.", "........."]);
    const line = print(thin(bar));
    expect(line.filter((row) => row.includes("#"))).toHaveLength(1);
    expect(line[2]).toContain("####");
  });

  it("leaves lines one pixel wide as they are", () => {
    const cross = parse(["..#..", "..#..", "#####", "..#..", "..#.."]);
    expect(print(thin(cross))).toEqual(print(cross));
  });

  it("keeps the number of parts and adds nothing", () => {
    fc.assert(
      fc.property(masks, (mask) => {
        const thinned = thin(mask);
        expect(countParts(thinned)).toBe(countParts(mask));
        expect(thinned.data.every((value, i) => value <= mask.data[i]!)).toBe(true);
        expect(thin(thinned)).toEqual(thinned);
      }),
    );
  });
});

describe("sobel", () => {
  it("gives 4 along a step of height 1, across it and not along it", () => {
    const step = { width: 4, height: 3, data: Float32Array.from([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]) };
    const { x, y } = sobelGradient(step);
    expect([...x.data.subarray(4, 8)]).toEqual([0, 4, 4, 0]);
    expect([...y.data]).toEqual(new Array<number>(12).fill(0));
    expect([...sobelMagnitude(step).data.subarray(4, 8)]).toEqual([0, 4, 4, 0]);
  });

  it("turns with the map", () => {
    const map = { width: 3, height: 3, data: Float32Array.from([1, 5, 2, 0, 3, 7, 4, 4, 9]) };
    const turned = { width: 3, height: 3, data: Float32Array.from([1, 0, 4, 5, 3, 4, 2, 7, 9]) };
    expect(sobelGradient(map).x.data[4]).toBe(sobelGradient(turned).y.data[4]);
    // (2 + 2*7 + 9) - (1 + 2*0 + 4)
    expect(sobelGradient(map).x.data[4]).toBe(20);
  });
});

describe("blur", () => {
  it("keeps constants and the sum of what lies inside", () => {
    const map = createFloatMap(21, 21);
    map.data[10 * 21 + 10] = 1;
    for (const kernel of [triangleKernel(4), gaussianKernel(2)]) {
      const sum = blur(map, kernel).data.reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 4);
    }
    const flat = blur({ width: 3, height: 2, data: new Float32Array(6).fill(0.5) }, triangleKernel(1));
    expect([...flat.data]).toEqual(new Array<number>(6).fill(0.5));
  });
});

describe("suppressNonMaxima", () => {
  it("thins a soft straight edge to its ridge, whatever its direction", () => {
    for (const angle of [0, 0.4, Math.PI / 4, 1.2, Math.PI / 2, 2.2]) {
      const map = createFloatMap(64, 64);
      const distance = (i: number): number =>
        ((i % 64) - 31.3) * Math.cos(angle) + (Math.floor(i / 64) - 31.3) * Math.sin(angle);
      for (let i = 0; i < map.data.length; i++) map.data[i] = Math.exp(-((distance(i) / 2) ** 2));
      const thinned = suppressNonMaxima(map);
      const kept = [...thinned.data.keys()].filter((i) => thinned.data[i]! > 0.3);
      expect(Math.max(...kept.map((i) => Math.abs(distance(i))))).toBeLessThan(1.5);
      expect(kept.length).toBeGreaterThan(48);
      expect(kept.length).toBeLessThan(140);
    }
  });
});

describe("createBoundaryMatcher", () => {
  it("matches one to one within the distance", () => {
    // Diagonal 10 px of 6 x 8, tolerance .15: 1.5 px.
    const boundary = parse(["......", "..#...", "......", "......", "......", "....#.", "......", "......"]);
    const matcher = createBoundaryMatcher(boundary, 0.15);
    const edges = Int32Array.from([6 + 1, 6 + 3, 5 * 6 + 2, 6 * 6 + 5]);
    // Both neighbours of the first boundary pixel are near, one gets it; the third is 2 px away; the last is
    // diagonal.
    expect([...matcher.match(edges)].slice(0, 2).sort()).toEqual([0, 1]);
    expect([...matcher.match(edges)].slice(2)).toEqual([0, 1]);
    expect(matcher.boundaryCount).toBe(2);
  });

  it("pairs as many pixels as any assignment can", () => {
    fc.assert(
      fc.property(
        masks,
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.boolean()),
        (mask, reach, bits) => {
          const edges = Int32Array.from([...mask.data.keys()].filter(() => bits.next().value === true));
          const share = (reach + 0.2) / Math.hypot(mask.width, mask.height);
          const matched = createBoundaryMatcher(mask, share).match(edges);
          expect(matched.reduce((a, b) => a + b, 0)).toBe(mostPairs(edges, mask, reach + 0.2));
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** Size of the largest matching, by Kuhn's augmenting paths: slow and plain. */
function mostPairs(edges: Int32Array, { width, data }: Mask, reachPx: number): number {
  const boundary = [...data.keys()].filter((i) => data[i] === 1);
  const isNear = (a: number, b: number): boolean =>
    Math.hypot((a % width) - (b % width), Math.floor(a / width) - Math.floor(b / width)) <= reachPx;
  const partner = new Map<number, number>();
  const place = (edge: number, tried: Set<number>): boolean =>
    boundary.some((pixel) => {
      if (tried.has(pixel) || !isNear(edge, pixel)) return false;
      tried.add(pixel);
      const other = partner.get(pixel);
      if (other !== undefined && !place(other, tried)) return false;
      partner.set(pixel, edge);
      return true;
    });
  return edges.reduce((count, edge) => count + (place(edge, new Set()) ? 1 : 0), 0);
}

describe("edge metrics", () => {
  const line = parse(
    [...new Array<string>(10).fill("."), "#", ...new Array<string>(9).fill(".")].map((s) => s.repeat(40)),
  );
  const asMap = (mask: Mask, strength: number) => ({
    width: mask.width,
    height: mask.height,
    data: Float32Array.from(mask.data, (value) => value * strength),
  });

  it("has the benchmark's 99 thresholds", () => {
    const thresholds = edgeThresholds();
    expect(thresholds).toHaveLength(99);
    expect([thresholds[0], thresholds[98]]).toEqual([0.01, 0.99]);
  });

  it("are all 1 for edges that are the boundaries", () => {
    const counts = countEdgeMatches(asMap(line, 1), [line], { maxDistanceShare: 0.03 });
    const { ods, ois, r50 } = edgeMetrics([counts]);
    expect([ods, ois, r50]).toEqual([1, 1, 1]);
  });

  it("count recall over all annotators and precision over any", () => {
    const far = parse([...new Array<string>(19).fill("."), "#"].map((sign) => sign.repeat(40)));
    const counts = countEdgeMatches(asMap(line, 0.5), [line, far], { maxDistanceShare: 0.03 });
    expect(counts.edges[0]).toBe(40);
    expect(counts.matchedEdges[0]).toBe(40);
    expect(counts.boundaries[0]).toBe(80);
    expect(counts.matchedBoundaries[0]).toBe(40);
    expect(counts.edges[98]).toBe(0);
    expect(edgeMetrics([counts]).ods).toBeCloseTo(2 / 3, 12);
  });

  it("let each image have its own threshold in OIS, and all the same in ODS", () => {
    const counts = (edges: number[], matched: number[], boundary: number) => ({
      edges,
      matchedEdges: matched,
      boundaries: edges.map(() => boundary),
      matchedBoundaries: matched,
    });
    const first = counts([10, 0], [10, 0], 10); // perfect at the low threshold
    const second = counts([40, 10], [10, 10], 10); // perfect at the high one
    const { ods, ois } = edgeMetrics([first, second]);
    expect(ois).toBe(1);
    // Low: precision 20/50, recall 1: F 4/7. High: precision 1, recall 1/2: F 2/3. Between them up to .7 and
    // .75.
    const between = (share: number) => {
      const precision = 0.4 + 0.6 * share;
      const recall = 1 - 0.5 * share;
      return (2 * precision * recall) / (precision + recall);
    };
    expect(ods).toBeCloseTo(Math.max(...Array.from({ length: 100 }, (_, i) => between(i / 99))), 12);
  });

  it("integrate precision over 101 recalls and read recall at precision one half", () => {
    const curve = {
      edges: [100, 50],
      matchedEdges: [25, 50],
      boundaries: [100, 100],
      matchedBoundaries: [75, 50],
    };
    // Points (recall .5, precision 1) and (.75, .25), nothing below .5 or above .75.
    const { ap_edge, r50 } = edgeMetrics([curve]);
    const recalls = Array.from({ length: 26 }, (_, i) => 0.5 + i / 100);
    const sum = recalls.reduce((total, recall) => total + 1 - 3 * (recall - 0.5), 0);
    expect(ap_edge).toBeCloseTo(sum / 101, 10);
    expect(r50).toBeCloseTo(0.5 + 0.25 * (2 / 3), 10);
  });
});
