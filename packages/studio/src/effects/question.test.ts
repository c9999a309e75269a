import { exclusiveBox, imagePoint } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { type Draft, EMPTY_DRAFT } from "../state/document.js";
import { drawnShape } from "../testing/document-parts.js";
import { questionAt, questionOf } from "./question.js";

const MODEL = { imageSide: 64, fit: "pad", maskSide: 16 } as const;
const SIZE = { width: 8, height: 6, model: MODEL };
const LOGITS = { from: "logits", lowResLogits: new Float32Array(4) } as const;

const draftOf = (
  points: readonly (readonly [number, number, 0 | 1])[],
  rest: Partial<Draft> = {},
): Draft => ({
  ...EMPTY_DRAFT,
  points: points.map(([x, y, label], i) => ({ id: `${i}`, at: imagePoint([x, y]), label })),
  ...rest,
});

describe("what a draft asks", () => {
  it("is its clicks and box, kept inside the image", () => {
    const draft = draftOf(
      [
        [-3, 2, 1],
        [7.5, 99, 0],
      ],
      { boxXyxy: exclusiveBox([9, 5, -1, 1]) },
    );
    expect(questionOf(draft, SIZE, true)).toEqual({
      prompt: {
        pointCoords: [
          [0, 2],
          [7.5, 6],
        ],
        pointLabels: [1, 0],
        box: [0, 1, 8, 5],
      },
      multimask: false,
    });
  });

  it("is nothing without a click, and with a box that has no area inside the image", () => {
    expect(questionOf(EMPTY_DRAFT, SIZE, true)).toBeNull();
    expect(questionOf(draftOf([], { boxXyxy: exclusiveBox([3, 3, 3, 5]) }), SIZE, true)).toBeNull();
    expect(questionOf(draftOf([], { boxXyxy: exclusiveBox([9, 1, 20, 5]) }), SIZE, true)).toBeNull();
    expect(
      questionOf(draftOf([[1, 1, 1]], { boxXyxy: exclusiveBox([3, 3, 3, 5]) }), SIZE, false)?.prompt.box,
    ).toBeUndefined();
  });

  it.each([
    { of: "one click", draft: draftOf([[1, 1, 1]]), many: true },
    {
      of: "two clicks",
      draft: draftOf([
        [1, 1, 1],
        [2, 2, 1],
      ]),
      many: false,
    },
    { of: "a box", draft: draftOf([], { boxXyxy: exclusiveBox([0, 0, 4, 4]) }), many: false },
    {
      of: "a click in a box",
      draft: draftOf([[1, 1, 1]], { boxXyxy: exclusiveBox([0, 0, 4, 4]) }),
      many: false,
    },
    { of: "a click with a mask", draft: draftOf([[1, 1, 1]], { feedback: LOGITS }), many: false },
  ])("for $of is three masks: $many, if the user likes to choose", ({ draft, many }) => {
    expect(questionOf(draft, SIZE, true)?.multimask).toBe(many);
    expect(questionOf(draft, SIZE, false)?.multimask).toBe(false);
  });

  it("takes along the logits as they are, and a painted mask as logits", () => {
    expect(questionOf(draftOf([[1, 1, 1]], { feedback: LOGITS }), SIZE, true)?.prompt.maskInput).toBe(
      LOGITS.lowResLogits,
    );
    const painted = { from: "mask", shape: drawnShape("########") } as const;
    const logits = questionOf(draftOf([[1, 1, 1]], { feedback: painted }), SIZE, true)?.prompt.maskInput;
    expect(logits).toHaveLength(16 * 16);
    expect(logits?.[0]).toBeGreaterThan(0);
    expect(logits?.at(-1)).toBeLessThan(0);
  });
});

it("what a click would ask is that click, inside the image", () => {
  expect(questionAt(imagePoint([12, -1]), SIZE, true)).toEqual({
    prompt: { pointCoords: [[8, 0]], pointLabels: [1] },
    multimask: true,
  });
});
