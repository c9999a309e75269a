import { exclusiveBox } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { buildPointGrid } from "../mask-generator/point-grid.js";
import { resolveSettings } from "../mask-generator/settings.js";
import type { PackedPrompts } from "../model/prompt-batch.js";
import { proposeSparsely, type SparseDependencies } from "./propose-sparsely.js";
import { selectMasks } from "./select-masks.js";
import type { CropTask } from "./types.js";

const SIDE = 256;
const WINDOW = 64;
const embedding = {
  model: { name: "mobile_sam", checkpointSha256: "" },
  imageSize: { width: 1024, height: 1024 },
  inputSize: { width: 1024, height: 1024 },
  features: { image_embeddings: { shape: [1, 256, 64, 64], data: new Float32Array(0) } },
} as const;

/** Objects of a scene, low-res pixels, right and bottom exclusive; the last one under a point answers. */
const SCENE = [
  [0, 0, 256, 256],
  [96, 20, 250, 120], // larger than a window
  [40, 200, 52, 212],
  [120, 60, 130, 70],
] as const;

/** A model that knows the scene: it gives the object under the point, three times. */
function sceneModel(): SparseDependencies & { readonly asked: { looks: number; full: number } } {
  const asked = { looks: 0, full: 0 };
  const answer = (prompts: PackedPrompts, side: number, left: number, top: number) => {
    const masks = 3;
    const logits = new Float32Array(prompts.batch * masks * side * side).fill(-5);
    for (let i = 0; i < prompts.batch; i++) {
      const [px, py] = [
        prompts.pointCoords[i * prompts.tokens * 2]! / 4,
        prompts.pointCoords[i * prompts.tokens * 2 + 1]! / 4,
      ];
      const [x0, y0, x1, y1] = SCENE.findLast(([a, b, c, d]) => px >= a && px < c && py >= b && py < d)!;
      for (let mask = 0; mask < masks; mask++) {
        for (let y = Math.max(y0, top); y < Math.min(y1, top + side); y++) {
          const row = ((i * masks + mask) * side + y - top) * side;
          const [from, to] = [Math.max(x0, left) - left, Math.min(x1, left + side) - left];
          if (to > from) logits.fill(5, row + from, row + to);
        }
      }
    }
    const iouPredictions = new Float32Array(prompts.batch * masks).fill(0.95);
    return { masks, iouPredictions, logits };
  };
  return {
    asked,
    io: { imageSide: 1024, maskSide: SIDE },
    windowPx: 4 * WINDOW,
    maxBatch: 16,
    batchNow: () => 16,
    async decode(_, prompts) {
      asked.full += prompts.batch;
      const { logits, ...rest } = answer(prompts, SIDE, 0, 0);
      return { batch: prompts.batch, ...rest, lowResLogits: logits };
    },
    async look(_, prompts, [centreX, centreY]) {
      asked.looks += prompts.batch;
      const place = (centre: number) => Math.max(0, Math.min(SIDE - WINDOW, centre / 4 - WINDOW / 2));
      const [x, y] = [place(centreX), place(centreY)];
      return { ...answer(prompts, WINDOW, x, y), side: WINDOW, x, y };
    },
  };
}

const task: Omit<CropTask, "input"> = {
  searchId: 1,
  crop: { boxXyxy: exclusiveBox([0, 0, 1024, 1024]), layer: 0 },
  imageSize: embedding.imageSize,
  pointGrid: buildPointGrid(32),
  pointsPerBatch: 64,
  effort: "sparse",
  stabilityScoreOffset: 1,
  floor: { predIouThresh: 0.88, stabilityScoreThresh: 0.95 },
};

describe("proposing sparsely", () => {
  it("finds small objects by close looks and asks in full for few large ones", async () => {
    const model = sceneModel();
    const progress: number[] = [];
    const { candidates } = await proposeSparsely({ ...task, input: embedding }, embedding, {
      ...model,
      onProgress: ({ pointsDone }) => progress.push(pointsDone),
    });
    const found = selectMasks(candidates, resolveSettings({ behaviour: "fast" }), "fast");
    const boxes = found.map(({ bboxXywh }) => bboxXywh.map((side) => Math.round(side / 4)).join());
    expect(boxes.sort()).toEqual(["0,0,256,256", "120,60,10,10", "40,200,12,12", "96,20,154,100"]);
    expect(model.asked.looks).toBe(1024);
    expect(model.asked.full).toBeLessThan(100);
    expect(progress.at(-1)).toBe(1024);
  });

  it("stops between steps when it is cancelled", async () => {
    const model = sceneModel();
    const controller = new AbortController();
    const proposing = proposeSparsely({ ...task, input: embedding }, embedding, {
      ...model,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(proposing).rejects.toMatchObject({ code: "aborted" });
    expect(model.asked.looks).toBe(16);
  });
});
