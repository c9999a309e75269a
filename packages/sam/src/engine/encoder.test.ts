import type { Session } from "@segany/runtime";
import { expect, it } from "vitest";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import { ellipseFamily, ellipseState } from "../testing/ellipse-family.js";
import { ellipseImage } from "../testing/open-ellipses.js";
import { createEncoder } from "./encoder.js";
import { recogniseModel } from "./model-info.js";

/** An encoder whose graph gives these values. */
async function encoderOf(coarse: Float32Array, fine: Float32Array) {
  const state = ellipseState();
  const recognised = await recogniseModel(state, undefined, "fp32", { families: [ellipseFamily] });
  const session = {
    inputNames: ["pixels"],
    run: async () => ({
      coarse: { dtype: "float32", shape: [1, coarse.length], data: coarse },
      fine: { dtype: "float32", shape: [1, fine.length], data: fine },
    }),
    close: async () => undefined,
  } as unknown as Session;
  return createEncoder(recognised, state, async () => session, { precision: "fp32", threads: 1 });
}

const { width, height } = ellipseImage();
const image = {
  originalSize: { width, height },
  resized: { width: 48, height: 48, data: new Uint8Array(48 * 48 * 3) },
} as unknown as PreparedImage;

it("gives the feature maps by name", async () => {
  const { features } = await (await encoderOf(Float32Array.of(1), Float32Array.of(2, 3))).encode(image);
  expect(features).toEqual({
    coarse: { shape: [1, 1], data: Float32Array.of(1) },
    fine: { shape: [1, 2], data: Float32Array.of(2, 3) },
  });
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "refuses an embedding with one value of %d, and names the weights",
  async (value) => {
    const encoder = await encoderOf(Float32Array.of(1), Float32Array.of(2, value));
    await expect(encoder.encode(image)).rejects.toMatchObject({
      code: "inference-failed",
      message: expect.stringContaining("ellipses"),
    });
  },
);
