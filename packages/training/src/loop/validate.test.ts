import { modelBox } from "@segany/masks";
import type { RunTensor } from "@segany/runtime";
import { describe, expect, it } from "vitest";
import type { Objective } from "../step/objective.js";
import type { ViewTarget } from "./image-views.js";
import { validate } from "./validate.js";

const SIDE = 2;
const floats = (shape: number[], data: number[]): RunTensor => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(data),
});
const target: ViewTarget = {
  object: { id: 1, runs: () => ({ width: 4, height: 4, counts: Uint32Array.of(16) }) },
  data: Uint8Array.of(1, 0, 0, 0),
  maskSide: SIDE,
  imageSide: 4,
  inputSize: { width: 4, height: 4 },
  area: 1,
  boxXyxy: modelBox([0, 0, 2, 2]),
};
const image = (objects: number) => ({ features: {}, targets: Array<ViewTarget>(objects).fill(target) });

/** Of every object: masks of IoU .1 (the single one), .2, .9 and .4, and it is surest of the last. */
const objective: Objective = {
  keys: [],
  async run(_, feeds) {
    const objects = feeds.targets!.shape[0]!;
    const isClick = feeds.trains_three!.data[0] === 1;
    const each = (values: number[]) => floats([objects, 4], Array<number[]>(objects).fill(values).flat());
    return {
      loss: isClick ? objects : 10 * objects,
      outputs: {
        low_res_logits: floats([objects, 4, SIDE, SIDE], Array<number>(objects * 4 * SIDE ** 2).fill(1)),
        iou_predictions: each([0.9, 0.1, 0.2, 0.8]),
        actual_iou: each([0.1, 0.2, 0.9, 0.4]),
      },
      gradients: new Map(),
    };
  },
  async close() {},
};

describe("validation", () => {
  it("means over objects: the surest of three masks, the best of them, the box's single one, the loss", async () => {
    const result = await validate(objective, new Map(), [image(1), image(3)]);
    expect(result.objects).toBe(4);
    expect(result.click).toBeCloseTo(0.4, 6);
    expect(result.clickOracle).toBeCloseTo(0.9, 6);
    expect(result.box).toBeCloseTo(0.1, 6);
    // No mask is good enough to learn thresholds from.
    expect(result).toMatchObject({ predIouThresh: 0.88, stabilityScoreThresh: 0.95 });
    // (1 + 10) / 2 for one object, (3 + 30) / 2 for three.
    expect(result.loss).toBeCloseTo((5.5 + 3 * 16.5) / 4, 9);
  });

  it("without an object is an error", async () => {
    await expect(validate(objective, new Map(), [])).rejects.toMatchObject({ code: "target-empty" });
  });
});
