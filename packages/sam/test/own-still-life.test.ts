/** What can be held without shared data: the project's own image, embedded weights, small goldens. */
import { fileURLToPath } from "node:url";
import {
  encodeRle,
  loadSam,
  type Rle,
  readImage,
  rleIou,
  type Sam,
  SamAutomaticMaskGenerator,
  SamPredictor,
} from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import golden from "../../../fixtures/still-life.json" with { type: "json" };

const image = await readImage(fileURLToPath(new URL("../../../examples/still-life.jpg", import.meta.url)));

describe("the still life", () => {
  let sam: Sam;
  beforeAll(async () => {
    sam = await loadSam();
  });
  afterAll(() => sam.close());

  it("is cut out at a point, a box, and both, as by Meta's code", async () => {
    const predictor = new SamPredictor(sam);
    await predictor.setImage(image);
    for (const { id, points, labels, box, multimask, masks, iou_predictions } of golden.predict) {
      const result = await predictor.predict({
        pointCoords: points as [number, number][],
        pointLabels: labels,
        ...(box && { box: box as unknown as [number, number, number, number] }),
        multimaskOutput: multimask,
      });
      for (const [i, mask] of result.masks.entries()) {
        expect(rleIou([encodeRle(mask)], [masks[i] as unknown as Rle])[0], id).toBeGreaterThan(0.995);
        expect(result.iouPredictions[i], id).toBeCloseTo(iou_predictions[i], 2);
      }
    }
  });

  it("gives the same result for prompts of different lengths together and alone", async () => {
    const predictor = new SamPredictor(sam);
    await predictor.setImage(image);
    const prompts = [
      { pointCoords: [[610, 430]] as const, pointLabels: [1] },
      {
        pointCoords: [
          [760, 300],
          [620, 430],
          [900, 600],
        ] as const,
        pointLabels: [1, 0, 0],
      },
      { box: [700, 125, 830, 475] as const },
    ];
    const together = await predictor.predictBatch(prompts);
    for (const [i, prompt] of prompts.entries()) {
      const alone = await predictor.predict(prompt);
      for (const m of alone.masks.keys()) {
        expect(together[i].iouPredictions[m]).toBeCloseTo(alone.iouPredictions[m], 5);
        expect(Buffer.compare(together[i].masks[m].data, alone.masks[m].data)).toBe(0);
      }
    }
  });

  it("hands out logits whose sign is the mask", async () => {
    const predictor = new SamPredictor(sam);
    await predictor.setImage(image);
    const prompt = { pointCoords: [[610, 430]] as const, pointLabels: [1], multimaskOutput: false };
    const { masks } = await predictor.predict(prompt);
    const logits = await predictor.predict({ ...prompt, returnLogits: true });
    const signs = Uint8Array.from(logits.masks[0].data, (value) => (value > 0 ? 1 : 0));
    expect(Buffer.compare(signs, masks[0].data)).toBe(0);
  });

  it("is segmented while the caller's timers go on, and thresholds move without decoding again", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 8, outputMode: "coco_rle" });
    const decoded = await generator.decode(image);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(50); // a model that ran in this process would let it tick a few times, between its steps
    const usual = await decoded.select();
    const all = await decoded.select({ predIouThresh: 0, stabilityScoreThresh: 0 });
    expect(usual.length).toBeGreaterThan(3);
    expect(all.length).toBeGreaterThan(usual.length);
    expect(await generator.generate(image)).toEqual(usual);
    await decoded.release();
    await expect(decoded.select()).rejects.toMatchObject({ code: "inference-failed" });
  });

  it("keeps what its own thresholds ask for, whatever the floor", async () => {
    const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 6, outputMode: "coco_rle" });
    const decoded = await generator.decode(image, { floor: { predIouThresh: 1, stabilityScoreThresh: 1 } });
    expect(await decoded.select()).toEqual(await generator.generate(image));
    await decoded.release();
  });

  it.each(["official", "fast"] as const)(
    "shows what is found while it is searched as %s",
    async (behaviour) => {
      const generator = new SamAutomaticMaskGenerator(sam, {
        behaviour,
        pointsPerSide: 8,
        pointsPerBatch: 16,
        outputMode: "coco_rle",
      });
      const counts: Promise<number>[] = [];
      const count = async (masks: Promise<readonly unknown[]>) => (await masks).length;
      const decoded = await generator.decode(image, {
        onProgress: (_, soFar) => counts.push(count(soFar.select({ boxNmsThresh: 1 }))),
      });
      const all = await count(decoded.select({ boxNmsThresh: 1 }));
      await decoded.release();
      const seen = await Promise.all(counts);
      expect(seen.length).toBeGreaterThan(2);
      expect(seen[0]).toBeLessThan(all);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(seen.at(-1)).toBe(all);
    },
  );

  it("drops masks of nearly the whole image and writes whole boxes in behaviour paper", async () => {
    const generator = new SamAutomaticMaskGenerator(sam, {
      behaviour: "paper",
      cropNLayers: 0,
      pointsPerSide: 8,
    });
    for (const mask of await generator.generate(image)) {
      expect(mask.area).toBeLessThan(0.95 * image.width * image.height);
      const [x, y, width, height] = mask.bboxXywh;
      const { data } = mask.segmentation;
      const inside = (px: number, py: number) => data[py * image.width + px] === 1;
      const columns = Array.from({ length: image.height }, (_, row) => row).filter(
        (row) => row >= y && row < y + height,
      );
      expect(columns.some((row) => inside(x + width - 1, row))).toBe(true);
      expect(columns.some((row) => x + width < image.width && inside(x + width, row))).toBe(false);
    }
  });

  it("stops between batches when cancelled, and works again afterwards", async () => {
    const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 32 });
    const controller = new AbortController();
    let done = 0;
    const running = generator.generate(image, {
      signal: controller.signal,
      onProgress: ({ pointsDone }) => {
        done = pointsDone;
        controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "aborted" });
    expect(done).toBeLessThan(32 * 32);
    const predictor = new SamPredictor(sam);
    await predictor.setImage(image);
    expect(predictor.isImageSet).toBe(true);
  });
});
