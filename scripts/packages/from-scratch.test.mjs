/** The example that trains from random weights, on few scenes and for a few steps. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage } from "@segany/sam";
import { expect, it } from "vitest";
import { drawScenes } from "../../examples/from-scratch/scenes.js";
import { trainFromScratch } from "../../examples/from-scratch/train.js";

it("trains, saves a model and shows its masks", async () => {
  const folder = await mkdtemp(join(tmpdir(), "segany-scratch-"));
  try {
    const events = [];
    const result = await trainFromScratch({
      folder,
      scenes: 10,
      pretrainSteps: 2,
      steps: 2,
      onEvent: (event) => void events.push(event),
    });
    for (const kind of ["pretraining", "step"]) {
      const losses = events.filter((event) => event.kind === kind).map(({ loss }) => loss);
      expect(losses).toHaveLength(2);
      for (const loss of losses) expect(loss).toBeGreaterThan(0);
    }
    expect(result.clickIou).toBeGreaterThanOrEqual(0);
    expect(result.bestCheckpoint).toBe(join(folder, "run", "best.safetensors"));
    const { width, height } = await readImage(result.sheet);
    expect([width, height]).toEqual([3 * 128, 128]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it("draws the same scenes for the same seed; masks don't overlap, and are inside the image", () => {
  const [scenes, again] = [1, 1].map((seed) => drawScenes({ count: 5, side: 64, seed }));
  expect(scenes.map(({ image }) => image.data)).toEqual(again.map(({ image }) => image.data));
  for (const { masks, size } of scenes) {
    const area = masks.map(({ runs }) => runs().counts.reduce((sum, run, i) => sum + (i % 2 ? run : 0), 0));
    expect(size).toEqual({ width: 64, height: 64 });
    expect(area.reduce((sum, pixels) => sum + pixels, 0)).toBeLessThanOrEqual(64 * 64);
    for (const pixels of area) expect(pixels).toBeGreaterThanOrEqual(60);
  }
});
