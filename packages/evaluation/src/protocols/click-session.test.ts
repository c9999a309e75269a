import { imagePoint, type Mask, maskArea } from "@segany/masks";
import type { ImagePrompt, Prediction } from "@segany/sam";
import { describe, expect, it } from "vitest";
import { createRandom } from "../metrics/random.js";
import { type ClickPredictor, simulateClicks, tightBox } from "./click-session.js";
import { randomPoint } from "./clicks.js";

function mask(rows: readonly string[]): Mask {
  const data = Uint8Array.from(rows.join(""), (sign) => (sign === "#" ? 1 : 0));
  return { width: rows[0]!.length, height: rows.length, data };
}

const target = mask(["......", ".####.", ".####.", "......"]);
const left = mask(["......", ".##...", ".##...", "......"]);
const right = mask(["......", "...##.", "...##.", "......"]);
const empty = mask(["......", "......", "......", "......"]);

interface Call {
  readonly prompts: readonly ImagePrompt[];
  readonly multimaskOutput: boolean | undefined;
}

/** Gives the masks it was told, call by call, and remembers what it was asked. */
function scripted(script: readonly { masks: Mask[]; iouPredictions: number[] }[]) {
  const calls: Call[] = [];
  const predictor: ClickPredictor = {
    async predictBatch(prompts: readonly ImagePrompt[], options: { multimaskOutput?: boolean } = {}) {
      const answer = script[calls.length]!;
      calls.push({ prompts, multimaskOutput: options.multimaskOutput });
      const lowResLogits = answer.masks.map((_, i) => Float32Array.of(10 * calls.length + i));
      return prompts.map((): Prediction => ({ ...answer, lowResLogits }));
    },
  } as ClickPredictor;
  return { calls, predictor };
}

const options = { maxClicks: 9, leastClicks: 9, goodIou: 0.9, ignore: undefined };

describe("simulateClicks", () => {
  it("takes the most confident of three first, feeds its logits back, and stops at a perfect mask", async () => {
    const { calls, predictor } = scripted([
      { masks: [target, left, empty], iouPredictions: [0.2, 0.9, 0.1] },
      { masks: [right], iouPredictions: [1] },
      { masks: [target], iouPredictions: [1] },
    ]);
    const [outcome] = await simulateClicks(
      predictor,
      [{ mask: target, firstPoint: imagePoint([2, 1]) }],
      options,
    );
    expect(outcome).toMatchObject({ ious: [0.5, 1], oracleIou: 1, boxIou: 0.5 });
    expect(calls.map(({ multimaskOutput }) => multimaskOutput)).toEqual([true, false, false]);
    expect(calls[1]!.prompts[0]).toEqual({ box: [1, 1, 5, 3] });
    const [prompt] = calls[2]!.prompts;
    expect(prompt!.pointCoords).toEqual([
      [2, 1],
      [3, 1],
    ]);
    expect(prompt!.pointLabels).toEqual([1, 1]);
    expect([...prompt!.maskInput!]).toEqual([11]); // of the second mask of the first call
  });

  it("clicks on what is wrong with label 0", async () => {
    const all = mask(["######", "######", "######", "######"]);
    const { calls, predictor } = scripted([
      { masks: [all, all, all], iouPredictions: [1, 0, 0] },
      { masks: [all], iouPredictions: [1] },
      { masks: [target], iouPredictions: [1] },
    ]);
    const [outcome] = await simulateClicks(
      predictor,
      [{ mask: target, firstPoint: imagePoint([2, 1]) }],
      options,
    );
    expect(outcome!.clicks[1]!.label).toBe(0);
    expect(calls[2]!.prompts[0]!.pointLabels).toEqual([1, 0]);
  });

  it("lets a mask be once it is good enough after the least number of clicks", async () => {
    const { calls, predictor } = scripted([
      { masks: [left, left, left], iouPredictions: [1, 0, 0] },
      { masks: [left], iouPredictions: [1] },
      { masks: [right], iouPredictions: [1] },
      { masks: [left], iouPredictions: [1] },
    ]);
    const [outcome] = await simulateClicks(predictor, [{ mask: target, firstPoint: imagePoint([2, 1]) }], {
      ...options,
      leastClicks: 3,
      goodIou: 0.5,
    });
    expect(outcome!.ious).toEqual([0.5, 0.5, 0.5]);
    expect(calls).toHaveLength(4);
  });

  it("neither counts nor clicks on pixels to ignore", async () => {
    const { predictor } = scripted([
      { masks: [left, left, left], iouPredictions: [1, 0, 0] },
      { masks: [left], iouPredictions: [1] },
    ]);
    const [outcome] = await simulateClicks(predictor, [{ mask: left, firstPoint: imagePoint([2, 1]) }], {
      ...options,
      ignore: right,
    });
    expect(outcome).toMatchObject({ ious: [1], boxIou: 1 });
  });
});

describe("tightBox", () => {
  it("has room for a single pixel", () => {
    expect(tightBox(mask(["...", ".#.", "..."]))).toEqual([1, 1, 2, 2]);
  });
});

describe("randomPoint", () => {
  it("draws every pixel of a mask about as often, and no other", () => {
    const random = createRandom(5);
    const hits = new Map<string, number>();
    for (let i = 0; i < 8000; i++) {
      const point = randomPoint(target, random)!.join();
      hits.set(point, (hits.get(point) ?? 0) + 1);
    }
    expect(hits.size).toBe(maskArea(target));
    expect(Math.min(...hits.values())).toBeGreaterThan(850);
    expect(randomPoint(empty, random)).toBeNull();
  });
});
