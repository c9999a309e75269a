import { describe, expect, it } from "vitest";
import { maskToLogits } from "./mask-to-logits.js";

const model = { imageSide: 32, fit: "pad", maskSide: 8 } as const;
const rowsOf = (logits: Float32Array) =>
  Array.from({ length: 8 }, (_, y) =>
    [...logits.subarray(8 * y, 8 * y + 8)].map((value) => Math.round(value)),
  );
const full = (value: number) => Array<number>(8).fill(value);

describe("maskToLogits", () => {
  // 16 x 8 pixels fill 8 x 4 logits, 2 x 2 pixels each; the lower half of the model's square is padding.
  const size = { width: 16, height: 8 };
  const left = Array.from({ length: 128 }, (_, i) => (i % 16 < 8 ? 1 : 0));
  const expected = [...Array(4).fill([10, 10, 10, 10, -10, -10, -10, -10]), ...Array(4).fill(full(-10))];

  it.each([
    ["0 and 1", 1],
    ["0 and 255", 255],
  ])("takes %s as certain, and what is beyond the image as background", (_, white) => {
    const mask = { ...size, data: Uint8Array.from(left, (value) => value * white) };
    expect(rowsOf(maskToLogits(mask, { imageSize: size, model }))).toEqual(expected);
  });

  it("takes values between as probabilities", () => {
    const at = (probability: number) =>
      maskToLogits({ ...size, data: new Float32Array(128).fill(probability) }, { imageSize: size, model })[0];
    expect(at(0.5)).toBe(0);
    expect(at(0.75)).toBeCloseTo(Math.log(3), 6);
    expect(at(1e-9)).toBe(-10);
    const grey = { ...size, data: Uint8Array.from(left, (value) => (value ? 255 : 51)) };
    expect(maskToLogits(grey, { imageSize: size, model })[7]).toBeCloseTo(Math.log(0.2 / 0.8), 6);
  });

  it("averages the pixels under a logit", () => {
    const data = new Float32Array(128);
    data[0] = data[1] = data[16] = 1; // three of the first four
    expect(maskToLogits({ ...size, data }, { imageSize: size, model })[0]).toBeCloseTo(Math.log(3), 6);
  });

  it("enlarges a mask of a small image, and stretches where the model does", () => {
    const imageSize = { width: 2, height: 1 };
    const mask = { ...imageSize, data: [0, 1] };
    const row = [-10, -10, -10, -10, 10, 10, 10, 10];
    expect(rowsOf(maskToLogits(mask, { imageSize, model }))).toEqual([
      ...Array(4).fill(row),
      ...Array(4).fill(full(-10)),
    ]);
    const stretched = maskToLogits(mask, { imageSize, model: { ...model, fit: "stretch" } });
    expect(rowsOf(stretched)).toEqual(Array(8).fill(row));
  });

  it.each([
    ["another size", { width: 8, height: 16, data: left }, "8 x 16 pixels; the image has 16 x 8"],
    ["too few values", { ...size, data: [1] }, "1 values"],
    ["logits", { ...size, data: left.map((value) => value - 0.5) }, "-0.5 at index 8"],
    ["values above 255", { ...size, data: left.map((value) => value * 256) }, "256 at index 0"],
    ["NaN", { ...size, data: left.map(() => Number.NaN) }, "NaN at index 0"],
  ])("refuses %s", (_, mask, text) => {
    expect(() => maskToLogits(mask, { imageSize: size, model })).toThrow(
      expect.objectContaining({ code: "prompt-invalid", message: expect.stringContaining(text) }),
    );
  });
});
