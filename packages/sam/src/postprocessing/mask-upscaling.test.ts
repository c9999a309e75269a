import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import { upscalingCase } from "../testing/upscaling-case.js";
import { createMaskUpscaler, type MaskUpscaler } from "./mask-upscaling.js";

const root = resolve(import.meta.dirname, "../../../..");
const goldens = sharedFile("fixtures/sam");

/** The sizes of every published model. */
const PUBLISHED = { lowResSize: 256, modelSize: 1024 } as const;

/**
 * The map that fixtures/upscaling was made from: a coarse random surface and fine noise, exact in float32.
 */
function seededLogits(seed: number): Float32Array {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 16;
  };
  const grid = Array.from({ length: 81 }, () => (next() % 129) - 64);
  return Float32Array.from({ length: 256 * 256 }, (_, i) => {
    const [y, x] = [i >> 8, i & 255];
    const [v, u, at] = [(y & 31) / 32, (x & 31) / 32, (y >> 5) * 9 + (x >> 5)];
    const upper = (1 - u) * grid[at] + u * grid[at + 1];
    const lower = (1 - u) * grid[at + 9] + u * grid[at + 10];
    return ((1 - v) * upper + v * lower) / 4 + ((next() % 17) - 8) / 64;
  });
}

/** Runs of logits above a threshold, the long way. */
function runsOf(logits: Float32Array, width: number, height: number, threshold: number): number[] {
  const counts = [0];
  let inside = false;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (logits[y * width + x] > Math.fround(threshold) !== inside) {
        inside = !inside;
        counts.push(0);
      }
      counts[counts.length - 1]++;
    }
  }
  return counts;
}

/** Area, stability and box of upscaled logits, the long way. */
function statisticsOf(logits: Float32Array, width: number, threshold: number, offset: number) {
  const above = (limit: number): number[] =>
    Array.from(logits.keys()).filter((i) => logits[i] > Math.fround(limit));
  const mask = above(threshold);
  const xs = mask.map((i) => i % width);
  const ys = mask.map((i) => Math.floor(i / width));
  return {
    areaPx: mask.length,
    stabilityScore: above(threshold + offset).length / above(threshold - offset).length,
    boxXyxy:
      mask.length === 0 ? [0, 0, 0, 0] : [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
  };
}

describe("upscaling low-res logits", () => {
  it("gives the hand-computed values of two bilinear steps", () => {
    const upscaler = createMaskUpscaler({
      lowResSize: 3,
      modelSize: 6,
      inputSize: { width: 4, height: 1 },
      originalSize: { width: 2, height: 1 },
    });
    const lowRes = new Float32Array([0, 4, 8, 0, 4, 8, 0, 4, 8]);
    // Model row: 0, 1, 3, 5 (7, 8 are padding); the original's pixels lie halfway between 0 and 1, and 3 and
    // 5.
    expect([...upscaler.upscale(lowRes)]).toEqual([0.5, 4]);
    expect([...upscaler.threshold(lowRes, 0.5).data]).toEqual([0, 1]);
    expect(upscaler.statistics(lowRes, 1, 1)).toEqual({
      areaPx: 1,
      stabilityScore: 0.5,
      boxXyxy: [1, 0, 1, 0],
    });
    expect(upscaler.toRle(lowRes, 1)).toEqual({ size: [1, 2], counts: [1, 1] });
  });

  it("decides every pixel as the plain path does, for any sizes", () => {
    fc.assert(
      fc.property(upscalingCase, ({ lowRes, threshold, offset, ...sizes }) => {
        const { width, height } = sizes.originalSize;
        const upscaler = createMaskUpscaler(sizes);
        const logits = upscaler.upscale(lowRes);
        expect(upscaler.toRle(lowRes, threshold).counts).toEqual(runsOf(logits, width, height, threshold));
        expect(upscaler.threshold(lowRes, threshold).data).toEqual(
          Uint8Array.from(logits, (logit) => (logit > Math.fround(threshold) ? 1 : 0)),
        );
        const statistics = statisticsOf(logits, width, threshold, offset);
        expect(upscaler.statistics(lowRes, threshold, offset)).toEqual(statistics);
        expect(upscaler.box(lowRes, threshold)).toEqual(statistics.boxXyxy);
      }),
      { numRuns: 300 },
    );
  });

  it("tells a stability below a floor from one above it, and is exact above", () => {
    fc.assert(
      fc.property(
        upscalingCase,
        fc.double({ min: 0, max: 1.1, noNaN: true }),
        ({ lowRes, threshold, offset, ...sizes }, floor) => {
          const upscaler = createMaskUpscaler(sizes);
          const { stabilityScore } = upscaler.statistics(lowRes, threshold, offset);
          const exact = { score: stabilityScore, isExact: true };
          expect(upscaler.stability(lowRes, threshold, offset)).toEqual(exact);
          const known = upscaler.stability(lowRes, threshold, offset, floor);
          if (!known.isExact) {
            expect(known.score < stabilityScore).toBe(false); // which may be 0/0
            expect(known.score).toBeLessThan(floor);
          } else expect(known).toEqual(exact);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("knows a wide uncertain edge to be unstable without counting a pixel", () => {
    const upscaler = createMaskUpscaler({
      ...PUBLISHED,
      inputSize: { width: 1024, height: 1024 },
      originalSize: { width: 1024, height: 1024 },
    });
    const vague = new Float32Array(256 * 256).fill(0.5); // above -1, below 1
    vague.fill(9, 0, 256 * 128);
    // Rows of cells that read no vague row count for sure, those that read both kinds may count whole.
    const { score, isExact } = upscaler.stability(vague, 0, 1, 0.95);
    expect(isExact).toBe(false);
    expect(score).toBeGreaterThan(0.5);
    expect(score).toBeLessThanOrEqual(0.5 + 6 / 1024);
  });

  it("says 0/0 and an empty box of a map without a mask", () => {
    const upscaler = createMaskUpscaler({
      ...PUBLISHED,
      inputSize: { width: 1024, height: 683 },
      originalSize: { width: 90, height: 60 },
    });
    const empty = new Float32Array(256 * 256).fill(-9);
    expect(upscaler.statistics(empty, 0, 1)).toEqual({
      areaPx: 0,
      stabilityScore: NaN,
      boxXyxy: [0, 0, 0, 0],
    });
    expect(upscaler.toRle(empty, 0).counts).toEqual([5400]);
    const full = upscaler.statistics(new Float32Array(256 * 256).fill(9), 0, 1);
    expect(full).toEqual({ areaPx: 5400, stabilityScore: 1, boxXyxy: [0, 0, 89, 59] });
  });

  it("refuses sizes, maps and thresholds that make no sense", () => {
    const inputSize = { width: 1024, height: 683 };
    const originalSize = { width: 90, height: 60 };
    const upscaler = createMaskUpscaler({ ...PUBLISHED, inputSize, originalSize });
    const map = new Float32Array(256 * 256);
    expect(() => createMaskUpscaler({ ...PUBLISHED, inputSize, originalSize, modelSize: 1000 })).toThrow(
      /must fit/,
    );
    expect(() => createMaskUpscaler({ ...PUBLISHED, inputSize, originalSize, lowResSize: 2 })).toThrow(
      /lowResSize 2/,
    );
    expect(() =>
      createMaskUpscaler({ ...PUBLISHED, inputSize, originalSize: { width: 0, height: 4 } }),
    ).toThrow(/not 0/);
    expect(() => upscaler.toRle(new Float32Array(9), 0)).toThrow(/65536 values, not 9/);
    expect(() => upscaler.upscale(map, new Float32Array(9))).toThrow(/5400 values, not 9/);
    expect(() => upscaler.threshold(map, NaN)).toThrow(/finite/);
    expect(() => upscaler.statistics(map, 0, -1)).toThrow(/at least 0/);
  });
});

describe("PyTorch's interpolate, applied twice", () => {
  it.each([1, 2])("gives the same masks and, to float32 rounding, the same logits (seed %i)", (seed) => {
    const { cases } = JSON.parse(readFileSync(join(root, `fixtures/upscaling/seed-${seed}.json`), "utf8"));
    const lowRes = seededLogits(seed);
    for (const { inputSize, originalSize, samples, areaPx, counts } of cases) {
      const upscaler = createMaskUpscaler({ ...PUBLISHED, inputSize, originalSize });
      const logits = upscaler.upscale(lowRes);
      for (const [x, y, logit] of samples) {
        expect(Math.abs(logits[y * originalSize.width + x] - logit)).toBeLessThan(4e-6);
      }
      expect(upscaler.toRle(lowRes, 0).counts).toEqual(counts);
      const statistics = upscaler.statistics(lowRes, 0, 1);
      expect(statistics.areaPx).toBe(areaPx["0"]);
      expect(statistics.stabilityScore).toBe(areaPx["1"] / areaPx["-1"]);
    }
  });
});

describe.skipIf(!haveSharedFiles("fixtures/sam"))("the masks of Meta's predictor", () => {
  const files = haveSharedFiles("fixtures/sam")
    ? readdirSync(goldens).filter((name) => name.endsWith(".predict.json"))
    : [];

  it.each(files)("come from their float16 logits: %s", (file) => {
    const { cases } = JSON.parse(readFileSync(join(goldens, file), "utf8"));
    for (const { masks, low_res_logits } of cases) {
      const [height, width] = masks[0].size;
      const scale = 1024 / Math.max(width, height);
      const upscaler = createMaskUpscaler({
        ...PUBLISHED,
        inputSize: { width: Math.floor(width * scale + 0.5), height: Math.floor(height * scale + 0.5) },
        originalSize: { width, height },
      });
      readMaps(join(goldens, low_res_logits)).forEach((lowRes, i) => {
        const golden = readRuns(masks[i].counts);
        expect(iou(upscaler.toRle(lowRes, 0).counts, golden)).toBeGreaterThanOrEqual(0.999);
        agreesWithPlain(upscaler, lowRes, width, height);
      });
    }
  });
});

function agreesWithPlain(upscaler: MaskUpscaler, lowRes: Float32Array, width: number, height: number): void {
  const logits = upscaler.upscale(lowRes);
  expect(upscaler.toRle(lowRes, 0).counts).toEqual(runsOf(logits, width, height, 0));
  let [low, high] = [0, 0];
  for (const logit of logits) {
    if (logit > -1) low++;
    if (logit > 1) high++;
  }
  expect(upscaler.statistics(lowRes, 0, 1).stabilityScore).toBe(high / low);
}

/** Reads float16 maps of 256x256 from a `.npy` file. */
function readMaps(path: string): Float32Array[] {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const logits = Float32Array.from({ length: (bytes.length - start) / 2 }, (_, i) =>
    halfToNumber(bytes.readUInt16LE(start + 2 * i)),
  );
  return Array.from({ length: logits.length / 65536 }, (_, i) => logits.slice(i * 65536, (i + 1) * 65536));
}

function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}

/** COCO's printable runs, read independently of the code under test. */
function readRuns(text: string): number[] {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let [value, shift, more] = [0, 0, true];
    while (more) {
      const digit = text.charCodeAt(at++) - 48;
      value |= (digit & 31) << shift;
      shift += 5;
      more = (digit & 32) !== 0;
      if (!more && digit & 16) value |= -1 << shift;
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2] : value);
  }
  return counts;
}

function iou(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [fill(left), fill(right)];
  let [both, either] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i];
    either += a[i] | b[i];
  }
  return either === 0 ? 1 : both / either;
}

function fill(counts: readonly number[]): Uint8Array {
  const pixels = new Uint8Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  counts.forEach((count, i) => {
    pixels.fill(i & 1, at, at + count);
    at += count;
  });
  return pixels;
}
