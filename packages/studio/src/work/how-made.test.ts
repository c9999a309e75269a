import { runsToRle } from "@segany/masks";
import { expect, test } from "vitest";
import { boxToRuns } from "../testing/box-runs.js";
import { howMade } from "./how-made.js";
import { createMaskRecipes, editStep } from "./mask-recipes.js";

const SIZE = { width: 40, height: 30 };
const [small, large, other] = [
  boxToRuns([1, 1, 3, 4], SIZE),
  boxToRuns([1, 1, 9, 4], SIZE),
  boxToRuns([5, 5, 3, 3], SIZE),
];
const contentOf = (runs: typeof small) => {
  const { size, counts } = runsToRle(runs);
  return { mask: { size: [...size] as [number, number], counts }, className: null };
};
const difference = editStep(boxToRuns([4, 1, 6, 4], SIZE));

test("a mask has the steps that were recorded, if they lead to it from what was there", () => {
  const recipes = createMaskRecipes();
  recipes.changed(null, small);
  const painted = howMade({ mask: small, recipe: recipes.of(small) }, "manual", contentOf(small), undefined);
  expect(painted).toEqual({ steps: [editStep(small)] });
  // What follows is one edit with it, as long as nobody asks the model in between.
  recipes.changed(small, large);
  expect(recipes.of(large)).toEqual({ base: null, by: null, steps: [editStep(large)] });
  // A mask that was there begins with itself.
  recipes.changed(other, boxToRuns([0, 0, 2, 2], SIZE));
  expect(recipes.of(other)).toEqual({ base: other, by: null, steps: [{ kind: "previous" }] });
});

test("otherwise it has its difference to the mask before, as far as that is known", () => {
  const recorded = { mask: large, recipe: createMaskRecipes().of(other) };
  const made = (source: "manual" | "automatic", before?: typeof small) =>
    howMade(recorded, source, contentOf(large), before && contentOf(before));
  expect(made("automatic", small)).toEqual({ steps: [{ kind: "previous" }, difference] });
  expect(made("automatic", large)).toEqual({ steps: [{ kind: "previous" }] });
  expect(made("manual")).toEqual({ steps: [editStep(large)] });
  expect(made("automatic")).toEqual({});
});

test("too many steps become one difference", () => {
  const step = { kind: "predict", points: [[1, 1, 1]], multimask: false, chosen: 0 } as const;
  const steps = Array.from({ length: 10_000 }, () => ({ ...step, points: [[1, 1, 1] as [1, 1, 1]] }));
  const recorded = { mask: large, recipe: { base: null, by: null, steps } };
  expect(howMade(recorded, "manual", contentOf(large), contentOf(small)).steps).toHaveLength(2);
});
