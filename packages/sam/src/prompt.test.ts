import { describe, expect, it } from "vitest";
import { checkPrompt, type ImagePrompt, toModelFrame } from "./prompt.js";

const model = { maskSide: 8, tokenWidth: 3, checkText: (text: string) => text.trim() };
const frame = { imageSize: { width: 1200, height: 800 }, inputSize: { width: 1024, height: 683 } };

describe("prompts", () => {
  it("move to the model's frame axis by axis", () => {
    const moved = toModelFrame(
      { pointCoords: [[600, 400]], pointLabels: [1], box: [0, 0, 1200, 800] },
      frame,
    );
    expect(moved).toEqual({ pointCoords: [[512, 341.5]], pointLabels: [1], boxXyxy: [0, 0, 1024, 683] });
  });

  it("move with what they hold, and lists for what they don't", () => {
    const maskInput = new Float32Array(256 * 256);
    expect(toModelFrame({ maskInput }, frame)).toEqual({ pointCoords: [], pointLabels: [], maskInput });
    expect(Object.keys(toModelFrame({ box: [0, 0, 1, 1] }, frame))).toEqual([
      "pointCoords",
      "pointLabels",
      "boxXyxy",
    ]);
  });

  it("may lie on any edge of the image, the far ones too", () => {
    const pointCoords = [
      [0, 0],
      [1200, 0],
      [0, 800],
      [1200, 800],
    ] as const;
    const prompt = { pointCoords, pointLabels: [1, 1, 0, 0], box: [0, 0, 1200, 800] } as const;
    expect(checkPrompt(prompt, frame, model)).toEqual(prompt);
  });

  it("a little outside the image move to its edge, by two hundredths of its longer side", () => {
    const prompt = {
      pointCoords: [
        [1200.00006, 10],
        [-24, 824],
      ],
      pointLabels: [1, 0],
      box: [-0.5, -24, 1224, 800.1],
    } as const;
    expect(checkPrompt(prompt, frame, model)).toEqual({
      pointCoords: [
        [1200, 10],
        [0, 800],
      ],
      pointLabels: [1, 0],
      box: [0, 0, 1200, 800],
    });
    const small = { imageSize: { width: 10, height: 4 }, inputSize: { width: 10, height: 4 } };
    expect(checkPrompt({ box: [-1, 0, 11, 5] }, small, model).box).toEqual([0, 0, 10, 4]); // at least a pixel
  });

  it("may be a rough mask of the model's size alone, or tokens of its width", () => {
    const maskInput = new Float32Array(64);
    const extraTokens = { shape: [2, 3], data: new Float32Array(6) };
    for (const prompt of [{ maskInput }, { extraTokens }]) {
      expect(checkPrompt(prompt, frame, model)).toMatchObject(prompt);
      expect(toModelFrame(prompt, frame)).toMatchObject(prompt);
    }
  });

  it("may be words alone, in the form that their check gives them", () => {
    expect(checkPrompt({ text: " a cat " }, frame, model).text).toBe("a cat");
  });

  it.each<[ImagePrompt, string, string]>([
    [{}, "prompt-invalid", "empty"],
    [{ pointCoords: [[10, 10]] }, "prompt-invalid", "1 points but 0 labels"],
    [{ pointCoords: [[1225, 10]], pointLabels: [1] }, "prompt-invalid", "Point 1 at (1225, 10)"],
    [{ pointCoords: [[10, -25]], pointLabels: [1] }, "prompt-invalid", "up to 24 pixels outside"],
    [{ pointCoords: [[1224.5, 10]], pointLabels: [1] }, "prompt-invalid", "(1224.5, 10)"],
    [{ pointCoords: [[10, 824.5]], pointLabels: [1] }, "prompt-invalid", "(10, 824.5)"],
    [{ pointCoords: [[-25, 10]], pointLabels: [1] }, "prompt-invalid", "(-25, 10)"],
    [{ pointCoords: [[Number.NaN, 10]], pointLabels: [1] }, "prompt-invalid", "(NaN, 10)"],
    [{ pointCoords: [[5, 10]], pointLabels: [2] }, "prompt-invalid", "label is 2"],
    [{ box: [10, 10, 10, 20] }, "prompt-invalid", "(10, 10, 10, 20) is empty"],
    [{ box: [10, 20, 30, 20] }, "prompt-invalid", "(10, 20, 30, 20) is empty"],
    [{ box: [10, 10, 20] as unknown as [number, number, number, number] }, "prompt-invalid", "not 3"],
    [{ box: [10, 10, 2000, 20] }, "prompt-invalid", "(2000, 20)"],
    [{ box: [1201, 10, 1220, 20] }, "prompt-invalid", "must reach into the image"],
    [{ box: [10, 10, Number.NaN, 20] }, "prompt-invalid", "(NaN, 20)"],
    [{ maskInput: new Float32Array(10) }, "prompt-invalid", "10 values"],
    [{ maskInput: new Float32Array(256 * 256) }, "prompt-invalid", "8 x 8 logits (64)"],
    [{ maskInput: new Float32Array(64).fill(Number.NaN) }, "prompt-invalid", "NaN at index 0"],
    [{ extraTokens: { shape: [2, 2], data: new Float32Array(4) } }, "prompt-invalid", "[2, 2]"],
    [{ extraTokens: { shape: [0, 3], data: new Float32Array(0) } }, "prompt-invalid", "[0, 3]"],
    [{ extraTokens: { shape: [3], data: new Float32Array(3) } }, "prompt-invalid", "[K, 3]"],
    [{ extraTokens: { shape: [2, 3], data: new Float32Array(5) } }, "prompt-invalid", "5 values"],
    [
      { extraTokens: { shape: [1, 3], data: Float32Array.of(0, Infinity, 0) } },
      "prompt-invalid",
      "Infinity at",
    ],
    [{ text: "cat", maskInput: new Float32Array(64) }, "prompt-invalid", "no rough mask"],
  ])("are refused with their value: %j", (prompt, code, message) => {
    expect(() => checkPrompt(prompt, frame, model)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
