/**
 * What holds for SAM because of its family alone holds for a family that is otherwise: see
 * `testing/ellipse-family.ts`.
 */

import { memoryByteSource } from "@segany/graph/weights";
import { decodeRle, encodeRle, type Mask, maskToBoxXyxy, rleArea } from "@segany/masks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeDecoderFile, openDecoderFile } from "./checkpoint/decoder-file.js";
import {
  decodeEmbedding,
  decodeEmbeddingNpy,
  encodeEmbedding,
  encodeEmbeddingNpy,
} from "./embeddings/embedding-file.js";
import { decodeKnown } from "./engine/device-check.js";
import { SamAutomaticMaskGenerator } from "./mask-generator/automatic-mask-generator.js";
import { SamPredictor } from "./predictor.js";
import type { Sam } from "./sam.js";
import { ELLIPSE_RADII, ellipseFamily, ellipseState } from "./testing/ellipse-family.js";
import { ELLIPSE_IMAGE, ellipseImage, openEllipses } from "./testing/open-ellipses.js";

const CLICK = { pointCoords: [[40, 60]], pointLabels: [1] } as const;

let sam: Sam;
let predictor: SamPredictor;
beforeAll(async () => {
  sam = await openEllipses();
  predictor = new SamPredictor(sam);
  await predictor.setImage(ellipseImage());
});
afterAll(() => sam.close());

/**
 * The disc around a click, and the white rectangle, in pixels of the image: two columns and three rows a
 * pixel of the input.
 */
function expectedMask([x, y]: readonly [number, number], radius: number): Mask {
  const { width, height } = ELLIPSE_IMAGE;
  const isInside = (i: number) => {
    const [column, row] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    return ((column - x) / 2) ** 2 + ((row - y) / 3) ** 2 < radius ** 2 || (column > 72 && row > 120);
  };
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, (_, i) => (isInside(i) ? 1 : 0)),
  };
}

/** Share of pixels on which two masks agree where either is inside. */
function iou(a: Mask, b: Mask): number {
  let [both, either] = [0, 0];
  a.data.forEach((value, i) => {
    both += value & b.data[i]!;
    either += value | b.data[i]!;
  });
  return both / either;
}

describe("a family with another input, two feature maps and stretched images", () => {
  it("tells callers what they have to know", () => {
    expect(sam.model).toMatchObject({
      family: "ellipse",
      imageSide: 48,
      fit: "stretch",
      features: { coarse: [1, 3, 12, 12], fine: [1, 1, 24, 24] },
      maskSide: 24,
    });
  });

  it("gives an embedding with both maps, of an image stretched to the input", () => {
    const { features, imageSize, inputSize } = predictor.getImageEmbedding();
    expect([imageSize, inputSize]).toEqual([ELLIPSE_IMAGE, { width: 48, height: 48 }]);
    expect(Object.keys(features)).toEqual(["coarse", "fine"]);
    const { data, shape } = features.fine!;
    expect(shape).toEqual([1, 1, 24, 24]);
    expect([data[0], data[23 * 24 + 23]]).toEqual([expect.closeTo(0.2, 4), expect.closeTo(1, 4)]);
  });

  it("answers clicks at the image's size, three masks or one", async () => {
    const three = await predictor.predict(CLICK);
    expect(three.masks.length).toBe(3);
    for (const [i, mask] of three.masks.entries())
      expect(iou(mask, expectedMask([40, 60], ELLIPSE_RADII[i + 1]!))).toBeGreaterThan(0.9);
    expect(three.lowResLogits.map(({ length }) => length)).toEqual([576, 576, 576]);
    const { masks } = await predictor.predict({ ...CLICK, multimaskOutput: false });
    expect(iou(masks[0]!, expectedMask([40, 60], ELLIPSE_RADII[0]!))).toBeGreaterThan(0.9);
  });

  it.each(["binary_mask", "uncompressed_rle", "coco_rle"] as const)(
    "hands out masks as %s",
    async (outputMode) => {
      const { masks } = await predictor.predict({ ...CLICK, outputMode });
      const dense = await predictor.predict(CLICK);
      const asDense = masks.map((mask) => ("data" in mask ? mask : decodeRle(mask)));
      expect(asDense).toEqual(dense.masks);
    },
  );

  it("is refined by its own logits, and refuses those of another size", async () => {
    const { lowResLogits } = await predictor.predict(CLICK);
    const elsewhere = { pointCoords: [[20, 20]], pointLabels: [1], multimaskOutput: false } as const;
    const alone = await predictor.predict(elsewhere);
    const refined = await predictor.predict({ ...elsewhere, maskInput: lowResLogits[2]! });
    refined.lowResLogits[0]!.forEach((logit, i) => {
      expect(logit).toBeCloseTo(alone.lowResLogits[0]![i]! + lowResLogits[2]![i]!, 1);
    });
    await expect(
      predictor.predict({ ...CLICK, maskInput: new Float32Array(256 * 256) }),
    ).rejects.toMatchObject({
      code: "prompt-invalid",
      message: expect.stringContaining("24 x 24"),
    });
  });

  it("takes extra tokens with a click or alone, in batches of different numbers too", async () => {
    const tokens = (count: number, value: number) => ({
      shape: [count, 5],
      data: new Float32Array(5 * count).fill(value),
    });
    const prompts = [CLICK, { ...CLICK, extraTokens: tokens(2, 1) }, { extraTokens: tokens(1, 2e6) }];
    const together = await predictor.predictBatch(prompts);
    const [plain, raised, all] = together;
    expect(raised!.lowResLogits[0]![0]! - plain!.lowResLogits[0]![0]!).toBeCloseTo(10, 1);
    expect(all!.masks[0]!.data).toEqual(new Uint8Array(96 * 144).fill(1));
    for (const [i, prompt] of prompts.entries()) expect(await predictor.predict(prompt)).toEqual(together[i]);
    await expect(
      predictor.predict({ extraTokens: { shape: [1, 256], data: new Float32Array(256) } }),
    ).rejects.toMatchObject({ code: "prompt-invalid" });
  });

  it.each(["official", "paper", "fast"] as const)(
    "is searched for everything, behaviour %s",
    async (behaviour) => {
      const generator = new SamAutomaticMaskGenerator(sam, {
        behaviour,
        pointsPerSide: 2,
        predIouThresh: 0,
        stabilityScoreThresh: 0,
        boxNmsThresh: 1,
        cropNmsThresh: 1,
        cropNLayers: 1,
        cropNPointsDownscaleFactor: 2,
        minMaskRegionArea: 0,
      });
      const records = await generator.generate(ellipseImage());
      const whole = records.filter(({ cropBoxXywh }) => cropBoxXywh[2] === 96 && cropBoxXywh[3] === 144);
      expect(whole.length).toBe(4 * 3);
      for (const { segmentation, pointCoords, area } of whole) {
        const best = Math.max(
          ...ELLIPSE_RADII.map((radius) => iou(segmentation, expectedMask(pointCoords[0]!, radius))),
        );
        expect(best).toBeGreaterThan(0.85);
        expect(area).toBe(rleArea(encodeRle(segmentation)));
      }
      expect(records.length).toBeGreaterThan(whole.length); // those of crops, which are stretched as well
    },
  );

  it("keeps both maps in files, and answers from them", async () => {
    const embedding = predictor.getImageEmbedding();
    const { npy, json } = encodeEmbeddingNpy(embedding);
    const again = new SamPredictor(sam);
    const { masks } = await predictor.predict(CLICK);
    for (const kept of [
      await decodeEmbedding(encodeEmbedding(embedding), "a.safetensors"),
      decodeEmbeddingNpy(npy, json, "a.npy"),
    ]) {
      again.setImageEmbedding(kept);
      expect((await again.predict(CLICK)).masks).toEqual(masks);
    }
    const { coarse } = embedding.features;
    expect(() => again.setImageEmbedding({ ...embedding, features: { coarse: coarse! } })).toThrow(
      expect.objectContaining({ code: "embedding-invalid", message: expect.stringContaining("fine") }),
    );
  });

  it("has a decoder file of its own, which names the family", async () => {
    const { model } = sam;
    const bytes = await encodeDecoderFile(ellipseState(), { ...model, family: ellipseFamily });
    const opened = await openDecoderFile(memoryByteSource(bytes), "ellipses.safetensors", [ellipseFamily]);
    expect([...opened.state.tensors.keys()]).toEqual(["ellipse_decoder.gain"]);
    expect(opened).toMatchObject({ name: "ellipse", family: ellipseFamily, architecture: { side: 48 } });
    await expect(openDecoderFile(memoryByteSource(bytes), "ellipses.safetensors")).rejects.toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringContaining('"ellipse" is not a known family'),
    });
  });

  it("decodes the prompt that devices are compared with", async () => {
    const { masks, lowResLogits } = await decodeKnown(sam.engine, undefined);
    expect([masks, lowResLogits.length]).toEqual([3, 3 * 24 * 24]);
    expect(maskToBoxXyxy((await predictor.predict(CLICK)).masks[0]!).length).toBe(4);
  });
});
