import { describe, expect, it } from "vitest";
import { countPrompts, type MaskGeneratorOptions, resolveSettings } from "./settings.js";

describe("settings of the mask generator", () => {
  it("are Meta's by default", () => {
    const { pointGrids, ...settings } = resolveSettings();
    expect(pointGrids.map((grid) => grid.length)).toEqual([1024]);
    expect(settings).toEqual({
      behaviour: "official",
      pointsPerBatch: 64,
      predIouThresh: 0.88,
      stabilityScoreThresh: 0.95,
      stabilityScoreOffset: 1,
      boxNmsThresh: 0.7,
      cropNLayers: 0,
      cropNmsThresh: 0.7,
      cropOverlapRatio: 512 / 1500,
      minMaskRegionArea: 0,
      outputMode: "binary_mask",
    });
  });

  it("are appendix B's in behaviour paper: 32x32, 16x16 and 8x8 points and small regions removed", () => {
    const { pointGrids, cropNLayers, minMaskRegionArea } = resolveSettings({ behaviour: "paper" });
    expect(pointGrids.map((grid) => grid.length)).toEqual([1024, 256, 64]);
    expect([cropNLayers, minMaskRegionArea]).toEqual([2, 100]);
  });

  it("are those that are kept with the weights, in each behaviour, unless given", () => {
    const kept = { predIouThresh: 0.6, stabilityScoreThresh: 0.8 };
    for (const behaviour of ["official", "paper", "fast"] as const) {
      expect(resolveSettings({ behaviour }, kept)).toMatchObject(kept);
      expect(resolveSettings({ behaviour, predIouThresh: 0.9 }, kept)).toMatchObject({
        predIouThresh: 0.9,
        stabilityScoreThresh: 0.8,
      });
    }
  });

  it.each<[MaskGeneratorOptions, number]>([
    [{}, 1024],
    [{ behaviour: "paper" }, 1024 + 4 * 256 + 16 * 64],
    [{ pointsPerSide: 1024 }, 2 ** 20],
    [
      {
        pointGrids: [
          [[0.5, 0.5]],
          [
            [0, 0],
            [1, 1],
          ],
        ],
        cropNLayers: 1,
      },
      1 + 4 * 2,
    ],
  ])("%j makes %i prompts", (options, prompts) => {
    expect(countPrompts(options)).toBe(prompts);
  });

  it.each<MaskGeneratorOptions>([
    { pointsPerSide: 1024, cropNLayers: 1 },
    { pointsPerSide: 1024, cropNLayers: 6 },
    { pointsPerSide: 128, cropNLayers: 6 },
    { pointGrids: [[], [], Array(300_000).fill([0, 0])], cropNLayers: 2 },
  ])("%j asks for more prompts than an image may have, and is refused before grids are built", (options) => {
    expect(() => resolveSettings(options)).toThrow(
      expect.objectContaining({
        code: "option-invalid",
        message: expect.stringMatching(/result in \d+ prompts/),
      }),
    );
  });

  it("take the ends of each range", () => {
    const pointGrids = [
      [
        [0, 1],
        [1, 0],
      ],
    ] as const;
    expect(resolveSettings({ pointGrids }).pointGrids).toBe(pointGrids);
    const highest = { pointsPerBatch: 4096, boxNmsThresh: 1, cropNmsThresh: 1, cropOverlapRatio: 1 };
    expect(resolveSettings(highest)).toMatchObject(highest);
    const lowest = { pointsPerBatch: 1, boxNmsThresh: 0, minMaskRegionArea: 0, stabilityScoreOffset: 0 };
    expect(resolveSettings(lowest)).toMatchObject(lowest);
    expect(resolveSettings({ cropNLayers: 6, pointsPerSide: 8 }).pointGrids).toHaveLength(7);
  });

  it.each<[MaskGeneratorOptions, string]>([
    [{ predIouThresh: Number.NaN }, "predIouThresh is NaN; it must be a number."],
    [{ boxNmsThresh: 1.5 }, "boxNmsThresh is 1.5"],
    [{ pointsPerSide: 0 }, "pointsPerSide is 0"],
    [{ pointsPerSide: 2.5 }, "pointsPerSide is 2.5"],
    [{ pointsPerSide: 1025 }, "pointsPerSide is 1025; it must be an integer from 1 to 1024"],
    [{ pointsPerBatch: 0 }, "pointsPerBatch is 0"],
    [{ pointsPerBatch: 4097 }, "pointsPerBatch is 4097"],
    [{ cropNLayers: 7 }, "cropNLayers is 7"],
    [{ cropOverlapRatio: 1.01 }, "cropOverlapRatio is 1.01; it must be a number from 0 to 1"],
    [{ cropNPointsDownscaleFactor: 0.5 }, "cropNPointsDownscaleFactor is 0.5"],
    [{ stabilityScoreOffset: -1 }, "stabilityScoreOffset is -1; it must be a number of at least 0"],
    [{ boxNmsThresh: "0.5" as unknown as number }, "boxNmsThresh is 0.5"],
    [{ cropNmsThresh: -0.1 }, "cropNmsThresh is -0.1"],
    [{ pointGrids: [[[-0.1, 0.5]]] }, "a point [-0.1, 0.5]"],
    [{ pointGrids: [[[0.5] as unknown as [number, number]]] }, "a point [0.5]"],
    [{ cropNLayers: -1 }, "cropNLayers is -1"],
    [{ minMaskRegionArea: -5 }, "minMaskRegionArea is -5"],
    [{ behaviour: "quick" as "fast" }, "behaviour is quick"],
    [{ outputMode: "polygon" as "coco_rle" }, "outputMode is polygon"],
    [{ pointGrids: [[[0.5, 1.5]]] }, "a point [0.5, 1.5]"],
    [{ pointGrids: [[[0.5, 0.5]]], cropNLayers: 1 }, "1 grids; it must be 2 of them"],
    [{ pointGrids: [[[0.5, 0.5]]], pointsPerSide: 8 }, "not both"],
  ])("refuse %j and say the value", (options, message) => {
    expect(() => resolveSettings(options)).toThrow(
      expect.objectContaining({ code: "option-invalid", message: expect.stringContaining(message) }),
    );
  });
});
