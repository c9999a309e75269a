import { fileURLToPath } from "node:url";
import {
  encodeRle,
  loadSam,
  type Rle,
  readImage,
  rleIou,
  SamAutomaticMaskGenerator,
  SamPredictor,
} from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../scripts/testing/find-chromium.mjs";
import { type BuiltPage, buildPage, openSite, type Site } from "./open-page.js";

const imagePath = fileURLToPath(new URL("../../../../examples/still-life.jpg", import.meta.url));
const PEAR = { pointCoords: [[610, 430]], pointLabels: [1] } as const;

/** What Node makes of the same image. */
async function onNode(): Promise<{ masks: Rle[]; iouPredictions: number[]; found: Rle[] }> {
  await using sam = await loadSam("mobile_sam");
  const image = await readImage(imagePath);
  const predictor = new SamPredictor(sam);
  await predictor.setImage(image);
  const { masks, iouPredictions } = await predictor.predict(PEAR);
  const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 4, outputMode: "coco_rle" });
  const found = await generator.generate(image, { embedding: predictor.getImageEmbedding() });
  return {
    masks: masks.map(encodeRle),
    iouPredictions,
    found: found.map(({ segmentation }) => segmentation),
  };
}

describe.skipIf(!findChromium())("the whole model in a page", () => {
  let page: BuiltPage;
  let expected: Awaited<ReturnType<typeof onNode>>;
  beforeAll(async () => {
    [page, expected] = [await buildPage(), await onNode()];
  });
  afterAll(() => page?.remove());

  describe.each([
    { headers: "without special headers", isolated: false, threads: 1 },
    { headers: "cross-origin isolated", isolated: true, threads: 2 },
  ])("sent $headers", ({ isolated }) => {
    let site: Site;
    beforeAll(async () => {
      site = await openSite(page, { isolated });
    });
    afterAll(() => site?.close());

    it("gives Node's masks at a point and on a grid, and says on how many threads", async () => {
      const view = await site.view();
      const result = await view.evaluate(async (prompt) => {
        const { encodeRle, loadSam, SamAutomaticMaskGenerator, SamPredictor } = segany;
        const notes: string[] = [];
        const sam = await loadSam("mobile_sam", { weights, threads: 2, onNote: (note) => notes.push(note) });
        const image = await readStillLife();
        const predictor = new SamPredictor(sam);
        await predictor.setImage(image);
        const { masks, iouPredictions } = await predictor.predict(prompt);
        const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 4, outputMode: "coco_rle" });
        const found = await generator.generate(image, { embedding: predictor.getImageEmbedding() });
        const shared = typeof SharedArrayBuffer === "function";
        await sam.close();
        return {
          notes,
          shared,
          masks: masks.map(encodeRle),
          iouPredictions,
          found: found.map(({ segmentation }) => segmentation),
        };
      }, PEAR);
      expect(result.shared).toBe(isolated);
      expect(result.notes.join()).toMatch(isolated ? /^$/ : /one thread.*Cross-Origin-Opener-Policy/);
      for (const [i, mask] of result.masks.entries()) {
        expect(rleIou([mask], [expected.masks[i]])[0]).toBeGreaterThan(0.98);
        expect(result.iouPredictions[i]).toBeCloseTo(expected.iouPredictions[i], 2);
      }
      expect(Math.abs(result.found.length - expected.found.length)).toBeLessThanOrEqual(1);
      expect(result.found.length).toBeGreaterThan(3);
      expect(site.complaints).toEqual([]);
    });

    it("downloads nothing at the second view", async () => {
      const isDownloaded = () => site.requests.filter((path) => path.endsWith(".onnx")).length;
      const before = isDownloaded();
      expect(before).toBe(2);
      const view = await site.view();
      const progress = await view.evaluate(async () => {
        const seen: { file: string; receivedBytes: number; totalBytes?: number }[] = [];
        const onProgress: NonNullable<Parameters<typeof segany.loadSam>[1]["onProgress"]> = (step) => {
          if (step.kind === "download") seen.push(step);
        };
        await (await segany.loadSam("mobile_sam", { weights, onProgress })).close();
        return seen;
      });
      expect(isDownloaded()).toBe(before);
      expect(progress.map(({ receivedBytes, totalBytes }) => receivedBytes === totalBytes)).toEqual([
        true,
        true,
      ]);
    });
  });
});
