import { exclusiveBox, maskToRuns } from "@segany/masks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskToLogits } from "./mask-to-logits.js";
import { SamPredictor } from "./predictor.js";
import type { Sam } from "./sam.js";
import { ELLIPSE_IMAGE, ellipseImage, openEllipses } from "./testing/open-ellipses.js";
import type { GroundedObject, GroundOptions, TextGrounder } from "./text/grounding.js";

const found = (score: number, box: readonly [number, number, number, number]): GroundedObject => ({
  label: "disc",
  score,
  boxXyxy: exclusiveBox(box),
});
const OBJECTS = [found(0.9, [0, 0, 40, 40]), found(0.5, [50, 60, 96, 144])];

const asked: GroundOptions[] = [];

/** Knows one word. */
function openGrounder(objects: readonly GroundedObject[] = OBJECTS): TextGrounder {
  return {
    engine: "detector",
    checkpointSha256: "d".repeat(64),
    check: (text) => {
      if (text.trim() === "disc") return "disc";
      throw new Error(`unknown: ${text}`);
    },
    async ground(image, text, options = {}) {
      expect([image.width, text]).toEqual([ELLIPSE_IMAGE.width, "disc"]);
      asked.push(options);
      return { engine: "detector", defaultThreshold: 0.3, objects };
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

let sam: Sam;
let predictor: SamPredictor;
beforeAll(async () => {
  sam = await openEllipses();
  predictor = new SamPredictor(sam, { grounder: openGrounder() });
  await predictor.setImage(ellipseImage());
});
afterAll(() => sam.close());

const POINT = { pointCoords: [[10, 20]], pointLabels: [1] } as const;

describe("a prompt with text", () => {
  it("has a mask for each object, the best of three, and says what found it", async () => {
    const { masks, iouPredictions, lowResLogits, grounding } = await predictor.predict({ text: " disc " });
    expect([masks.length, iouPredictions.length, lowResLogits.length]).toEqual([2, 2, 2]);
    expect(grounding).toEqual({ engine: "detector", defaultThreshold: 0.3, objects: OBJECTS });
    const [direct] = await predictor.predictBatch([{ box: OBJECTS[0]!.boxXyxy }]);
    const best = direct!.iouPredictions.indexOf(Math.max(...direct!.iouPredictions));
    expect(masks[0]).toEqual(direct!.masks[best]);
    expect(iouPredictions[0]).toBe(direct!.iouPredictions[best]);
  });

  it("has one mask with a point on an object, which the point is part of", async () => {
    const { masks, grounding } = await predictor.predict({ text: "disc", ...POINT, multimaskOutput: false });
    expect(grounding!.objects).toEqual([OBJECTS[0]]);
    const direct = await predictor.predict({
      box: OBJECTS[0]!.boxXyxy,
      ...POINT,
      multimaskOutput: false,
    });
    expect(masks).toEqual(direct.masks);
    const nowhere = await predictor.predict({ text: "disc", pointCoords: [[45, 1]], pointLabels: [1] });
    expect(nowhere).toMatchObject({ masks: [], iouPredictions: [], grounding: { objects: [] } });
  });

  it("stands beside others in a batch", async () => {
    const [first, text, last] = await predictor.predictBatch([POINT, { text: "disc" }, POINT], {
      outputMode: "coco_rle",
      textThreshold: 0.2,
    });
    expect([first!.masks.length, text!.masks.length, last!.masks.length]).toEqual([3, 2, 3]);
    expect(first).toEqual(last);
    expect(first!.grounding).toBeUndefined();
    expect(asked.at(-1)).toEqual({ threshold: 0.2, embedding: predictor.getImageEmbedding() });
  });

  it("begins with the mask of an engine that finds masks", async () => {
    const { width, height } = ELLIPSE_IMAGE;
    const data = new Uint8Array(width * height);
    for (let y = 0; y < 30; y++) data.fill(1, y * width, y * width + 20);
    const mask = maskToRuns({ width, height, data });
    const other = new SamPredictor(sam, { grounder: openGrounder([{ ...OBJECTS[0]!, mask }]) });
    await other.setImage(ellipseImage());
    const prediction = await other.predict({ text: "disc" });
    const maskInput = maskToLogits({ width, height, data }, { imageSize: ELLIPSE_IMAGE, model: sam.model });
    const direct = await predictor.predict({ box: OBJECTS[0]!.boxXyxy, maskInput });
    expect(direct.masks).toContainEqual(prediction.masks[0]);
    expect((await predictor.predict({ text: "disc" })).masks).not.toContainEqual(prediction.masks[0]);
  });

  it("is refused by name where it can't be used", async () => {
    const bare = new SamPredictor(sam);
    await bare.setImage(ellipseImage());
    await expect(bare.predict({ text: "disc" })).rejects.toMatchObject({
      code: "text-unavailable",
      message: expect.stringContaining("openTextGrounder"),
    });
    await expect(predictor.predict({ text: "other" })).rejects.toThrow("unknown: other");
    const embedding = predictor.getImageEmbedding();
    const embedded = new SamPredictor(sam, { grounder: openGrounder() });
    embedded.setImageEmbedding(embedding);
    await expect(embedded.predict({ text: "disc" })).rejects.toMatchObject({
      code: "text-unavailable",
      message: expect.stringContaining("pixels"),
    });
    embedded.setImageEmbedding(embedding, ellipseImage());
    expect((await embedded.predict({ text: "disc" })).masks).toHaveLength(2);
    const smaller = { ...ellipseImage(), width: 1, data: new Uint8ClampedArray(4 * 144) };
    expect(() => embedded.setImageEmbedding(embedding, smaller)).toThrow(
      expect.objectContaining({ code: "embedding-mismatch" }),
    );
  });
});
