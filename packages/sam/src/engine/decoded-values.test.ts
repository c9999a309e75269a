import fc from "fast-check";
import { expect, it } from "vitest";
import { joinedMasks, valuesOf } from "./decoded-values.js";

const SIDE = 2;
const SOURCE = "weights.pth";

/** A run of the decoder for prompts `start` to `end`, whose values are those of no other place. */
function run(start: number, end: number, masks: number) {
  const range = (size: number) =>
    Float32Array.from({ length: (end - start) * size }, (_, i) => start * size + i);
  return {
    iou_predictions: { dtype: "float32" as const, shape: [end - start, masks], data: range(masks) },
    low_res_logits: {
      dtype: "float32" as const,
      shape: [end - start, masks, SIDE, SIDE],
      data: range(masks * SIDE * SIDE),
    },
  };
}

it("joins the runs of a batch to what one run of all would have given", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(1, 3, 4),
      (batch, maxBatch, masks) => {
        const end = Math.min(batch, maxBatch);
        const values = (start: number, to: number) => valuesOf(run(start, to, masks), SOURCE);
        const joined = joinedMasks(values(0, end), end, batch);
        for (let start = 0; start < batch; start += maxBatch)
          joined.put(values(start, Math.min(start + maxBatch, batch)), start);
        expect(joined.values).toEqual(values(0, batch));
      },
    ),
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "refuses ratings and masks of %d, and names the weights",
  (value) => {
    for (const name of ["iou_predictions", "low_res_logits"] as const) {
      const part = run(0, 2, 3);
      part[name].data.fill(value, part[name].data.length / 2);
      expect(() => valuesOf(part, SOURCE)).toThrow(
        expect.objectContaining({ code: "inference-failed", message: expect.stringContaining(SOURCE) }),
      );
    }
  },
);
