/** The example that trains words as prompts from random weights, on few scenes and for a few steps. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readImage } from "@segany/sam";
import { createRandom } from "@segany/training";
import { expect, it } from "vitest";
import { evaluateWords, openWords } from "../../examples/text-prompt/evaluate.js";
import { drawScenes, HELD_OUT, KNOWN } from "../../examples/text-prompt/scenes.js";
import { saveSheet } from "../../examples/text-prompt/sheet.js";
import { SIDE, trainTextPrompt } from "../../examples/text-prompt/train.js";

it("trains both models, and measures the words' masks", async () => {
  const folder = await mkdtemp(join(tmpdir(), "segany-text-prompt-"));
  try {
    const kinds = new Set();
    const trained = await trainTextPrompt({
      folder,
      ...{ scenes: 12, clipSteps: 2, samSteps: 2 },
      onEvent: ({ kind, loss }) => void (loss > 0 && kinds.add(kind)),
    });
    expect([...kinds].sort()).toEqual(["clip", "step", "validation"]);
    const { predictor, close } = await openWords(trained);
    const scenes = drawScenes(createRandom(3), { count: 2, side: SIDE, heldOut: true });
    const { found, right, sameColour, sameShape, other, ...figures } = await evaluateWords(predictor, scenes);
    await close();
    expect(right + sameColour + sameShape + other).toBeCloseTo(1, 9);
    expect(figures.singleMask).toBeGreaterThanOrEqual(0.25 - 1e-9); // one of four objects, at least
    expect(figures.best).toBeGreaterThanOrEqual(figures.miou);
    await saveSheet(join(folder, "words.png"), found);
    expect((await readImage(join(folder, "words.png"))).width).toBe(5 * SIDE);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it("never shows a held-out combination in training, and asks only for such ones after it", () => {
  const namesOf = (heldOut) =>
    new Set(
      drawScenes(createRandom(1), { count: 60, side: 48, heldOut }).flatMap(({ masks }) =>
        masks.map(({ className }) => className),
      ),
    );
  const [known, heldOut] = [namesOf(false), namesOf(true)];
  expect([...known].filter((name) => !KNOWN.includes(name))).toEqual([]);
  expect([...heldOut].filter((name) => !HELD_OUT.includes(name))).toEqual([]);
  expect(KNOWN.filter((name) => HELD_OUT.includes(name))).toEqual([]);
  const words = (names) => [...new Set([...names].flatMap((name) => name.split(" ")))].sort();
  expect(words(heldOut)).toEqual(words(KNOWN)); // all words are known, only not together
});
