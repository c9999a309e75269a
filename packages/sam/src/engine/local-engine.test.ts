import { exclusiveBox, type Point } from "@segany/masks";
import { expect, it } from "vitest";
import { packPrompts } from "../model/prompt-batch.js";
import { prepareImage } from "../preprocessing/prepare-image.js";
import type { CropTask } from "../proposals/types.js";
import { ELLIPSE_IMAGE, ellipseImage, openEllipses } from "../testing/open-ellipses.js";
import { inTurns } from "./in-turns.js";
import type { Engine } from "./types.js";

const WHOLE = exclusiveBox([0, 0, ELLIPSE_IMAGE.width, ELLIPSE_IMAGE.height]);

/** A search of 32 points that keeps nothing. */
function taskFor({ model }: Engine): CropTask {
  return {
    searchId: 1,
    crop: { boxXyxy: WHOLE, layer: 0 },
    imageSize: ELLIPSE_IMAGE,
    input: prepareImage(ellipseImage(), model, WHOLE),
    pointGrid: Array.from({ length: 32 }, (_, i): Point => [(i + 0.5) / 32, 0.5]),
    pointsPerBatch: 64,
    effort: "exact",
    stabilityScoreOffset: 1,
    floor: { predIouThresh: 1e6, stabilityScoreThresh: 1 },
  };
}

/** A click on an image that another engine of the same model has encoded. */
async function clickOf(model: Engine) {
  const { engine: other } = await openEllipses();
  const embedding = await other.encode(taskFor(model).input as never);
  await other.close();
  const prompts = packPrompts([{ pointCoords: [[9, 9]] as never, pointLabels: [1] }]);
  return () => model.decode({ embedding, prompts, masks: "three" });
}

/** Searches and returns the number of prompts of each batch. @param onBatch is called after each */
async function batchesOf(engine: Engine, onBatch: (batch: number) => void = () => undefined) {
  const batches: number[] = [];
  let before = 0;
  await engine.propose(taskFor(engine), {
    onProgress({ pointsDone }) {
      batches.push(pointsDone - before);
      before = pointsDone;
      onBatch(batches.length);
    },
  });
  return batches;
}

it("searches in batches of 8, of 4 where images are encoded for others, and of 2 after a click", async () => {
  const { engine } = await openEllipses();
  const click = await clickOf(engine);
  expect(await batchesOf(engine)).toEqual([8, 8, 8, 8]);
  await engine.encode(taskFor(engine).input as never);
  expect(await batchesOf(engine)).toEqual(Array(8).fill(4));
  const clicked = await batchesOf(engine, (batch) => {
    if (batch === 2) void click();
  });
  expect(clicked).toEqual([4, 4, ...Array(12).fill(2)]);
  expect(await batchesOf(engine)).toEqual(Array(16).fill(2));
  expect(await batchesOf(engine)).toEqual([2, 2, 2, 2, ...Array(6).fill(4)]);
  await engine.close();
});

it("answers clicks that come during a batch before the next one", async () => {
  const { engine: local } = await openEllipses();
  const engine = inTurns(local);
  const click = await clickOf(engine);
  const events: string[] = [];
  await batchesOf(engine, (batch) => {
    events.push(`batch ${batch}`);
    if (batch !== 2) return;
    for (const name of ["one", "other"]) void click().then(() => events.push(name));
  });
  expect(events.slice(0, 5)).toEqual(["batch 1", "batch 2", "one", "other", "batch 3"]);
  await engine.close();
});
