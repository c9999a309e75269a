import { type MaskRuns, maskToRuns } from "@segany/masks";
import type { PromptInput } from "@segany/sam";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { firstPrompt, nextPrompt } from "./simulate.js";
import { type Target, targetInModelFrame } from "./target.js";

/**
 * 12 x 7 pixels of the input's 16 x 16 are the image: 3 x 2 cells of 4 x 4, the lower ones partly padding.
 */
const FRAME = { imageSide: 16, maskSide: 4, inputSize: { width: 12, height: 7 } };

const maskOf = (rows: readonly (readonly number[])[]): MaskRuns =>
  maskToRuns({ width: rows[0]!.length, height: rows.length, data: Uint8Array.from(rows.flat()) });

/** Cells (0, 0) and (2, 1) of {@link FRAME}. */
const TARGET = targetInModelFrame(
  maskOf([
    [1, 0, 0],
    [0, 0, 1],
  ]),
  FRAME,
);

const logitsOf = (target: Target) => Float32Array.from(target.data, (cell) => (cell === 1 ? 5 : -5));
const cellOf = ([x, y]: readonly [number, number]) => Math.floor(y / 4) * 4 + Math.floor(x / 4);

/** Many draws, one after another from one generator. */
function draws<T>(draw: (random: ReturnType<typeof createRandom>) => T, count = 2000): T[] {
  const random = createRandom(17);
  return Array.from({ length: count }, () => draw(random));
}

describe("a first prompt", () => {
  it("is a point or a box, each half of the times", () => {
    const prompts = draws((random) => firstPrompt(random, TARGET));
    expect(prompts.filter(({ boxXyxy }) => boxXyxy).length / prompts.length).toBeCloseTo(0.5, 1);
    for (const { boxXyxy, pointCoords } of prompts)
      expect((boxXyxy === undefined) !== (pointCoords === undefined)).toBe(true);
  });

  it("is a foreground point anywhere in the mask, but not in the padding", () => {
    const prompts = draws((random) => firstPrompt(random, TARGET, ["point"]));
    const points = prompts.map(({ pointCoords, pointLabels }) => {
      expect(pointLabels).toEqual([1]);
      expect(pointCoords).toHaveLength(1);
      return pointCoords![0]!;
    });
    const upper = points.filter((point) => cellOf(point) === 0);
    const lower = points.filter((point) => cellOf(point) === 6);
    expect(upper.length + lower.length).toBe(points.length);
    expect(upper.length / points.length).toBeCloseTo(0.5, 1);
    const spread = (values: readonly number[]) => [Math.min(...values), Math.max(...values)];
    expect(spread(upper.map(([x]) => x)).map((x) => Math.round(x * 10) / 10)).toEqual([0, 4]);
    expect(Math.max(...lower.map(([, y]) => y))).toBeLessThan(7);
    expect(Math.max(...lower.map(([, y]) => y))).toBeGreaterThan(6.9);
  });

  it("is a box whose corners deviate by a tenth of its sides, at most 20 pixels, inside the image", () => {
    const width = 1024;
    const data = new Uint8Array(width * width);
    for (let y = 500; y < 600; y++) data.fill(1, y * width + 200, y * width + 700);
    const mask = maskToRuns({ width, height: width, data });
    const target = targetInModelFrame(mask, { imageSide: width, maskSide: 256, inputSize: mask });
    const boxes = draws((random) => firstPrompt(random, target, ["box"]).boxXyxy!);
    const deviation = (corner: number, from: number) =>
      Math.sqrt(boxes.reduce((sum, box) => sum + (box[corner]! - from) ** 2, 0) / boxes.length);
    // 10 % of 100 rows, cut at 20: 0.88 of the variance stays.
    expect(Math.abs(deviation(1, 500) - 9.6)).toBeLessThan(0.4);
    expect(Math.abs(deviation(3, 600) - 9.6)).toBeLessThan(0.4);
    // 50 of 500 columns: most are cut.
    for (const [x0, y0, x1, y1] of boxes) {
      expect(Math.abs(x0 - 200)).toBeLessThanOrEqual(20);
      expect(Math.abs(x1 - 700)).toBeLessThanOrEqual(20);
      expect(y0).toBeLessThan(y1);
    }
    const cut = boxes.filter(([x0]) => Math.abs(Math.abs(x0 - 200) - 20) < 1e-9).length;
    expect(cut / boxes.length).toBeCloseTo(0.69, 1);
  });

  it("is a box that stays inside the image", () => {
    const full = targetInModelFrame(maskOf([[1]]), FRAME);
    for (const [x0, y0, x1, y1] of draws((random) => firstPrompt(random, full, ["box"]).boxXyxy!, 200)) {
      expect(Math.min(x0, y0)).toBeGreaterThanOrEqual(0);
      expect([x1 <= 12, y1 <= 7]).toEqual([true, true]);
    }
  });

  it("needs a kind and something to be prompted", () => {
    expect(() => firstPrompt(createRandom(1), TARGET, [])).toThrow(
      expect.objectContaining({ code: "option-invalid" }),
    );
    const empty = { ...TARGET, data: new Uint8Array(16), area: 0 };
    for (const kind of ["point", "box"] as const)
      expect(() => firstPrompt(createRandom(1), empty, [kind])).toThrow(
        expect.objectContaining({ code: "target-empty" }),
      );
  });
});

describe("a next prompt", () => {
  const first: PromptInput = { pointCoords: [[1, 1]], pointLabels: [1] };

  it("has a foreground point where the mask was missed", () => {
    const logits = logitsOf(TARGET);
    logits[6] = -1;
    for (const prompt of draws((random) =>
      nextPrompt(random, { prompt: first, target: TARGET, logits, addPoint: true }),
    )) {
      expect(prompt.pointLabels).toEqual([1, 1]);
      expect(prompt.pointCoords![0]).toEqual([1, 1]);
      expect(cellOf(prompt.pointCoords![1]!)).toBe(6);
      expect(prompt.maskInput).toBe(logits);
    }
  });

  it("has a background point where the mask was too large, and each wrong cell is as likely", () => {
    const logits = logitsOf(TARGET);
    for (const cell of [1, 5, 6]) logits[cell] = -logits[cell]!;
    const points = draws((random) => {
      const prompt = nextPrompt(random, { prompt: first, target: TARGET, logits, addPoint: true });
      return [cellOf(prompt.pointCoords![1]!), prompt.pointLabels![1]];
    });
    for (const [cell, label] of points) expect(label).toBe(cell === 6 ? 1 : 0);
    for (const wrong of [1, 5, 6])
      expect(points.filter(([cell]) => cell === wrong).length / points.length).toBeCloseTo(1 / 3, 1);
  });

  it("keeps a box, and adds to what was there", () => {
    const prompt: PromptInput = { boxXyxy: [0, 0, 4, 4] };
    const logits = new Float32Array(16).fill(-1);
    const next = nextPrompt(createRandom(1), { prompt, target: TARGET, logits, addPoint: true });
    expect(next.boxXyxy).toEqual([0, 0, 4, 4]);
    expect(next.pointLabels).toEqual([1]);
    expect(prompt).toEqual({ boxXyxy: [0, 0, 4, 4] });
  });

  it("has no new point without an error in the image, or when none is wanted", () => {
    const right = logitsOf(TARGET);
    right[15] = 9; // padding
    right[3] = 9;
    const random = createRandom(1);
    expect(nextPrompt(random, { prompt: first, target: TARGET, logits: right, addPoint: true })).toEqual({
      ...first,
      maskInput: right,
    });
    const wrong = new Float32Array(16).fill(-1);
    expect(nextPrompt(random, { prompt: first, target: TARGET, logits: wrong, addPoint: false })).toEqual({
      ...first,
      maskInput: wrong,
    });
    expect(random.state()).toEqual(createRandom(1).state());
  });

  it("refuses logits of another size", () => {
    const logits = new Float32Array(3 * 16);
    expect(() =>
      nextPrompt(createRandom(1), { prompt: first, target: TARGET, logits, addPoint: true }),
    ).toThrow(expect.objectContaining({ code: "option-invalid" }));
  });
});
