import { expect, it } from "vitest";
import { createRandom } from "../random/random.js";
import { type PromptRound, promptRounds } from "./rounds.js";

const count = (rounds: readonly PromptRound[], kind: PromptRound) =>
  rounds.filter((round) => round === kind).length;

it("has 11 rounds by default: the first, 8 with new points, one without among these and one at the end", () => {
  const random = createRandom(5);
  const places = new Set<number>();
  for (let i = 0; i < 300; i++) {
    const rounds = promptRounds(random);
    expect([rounds.length, rounds[0], rounds.at(-1)]).toEqual([11, "first", "refine"]);
    expect([count(rounds, "first"), count(rounds, "point"), count(rounds, "refine")]).toEqual([1, 8, 2]);
    places.add(rounds.indexOf("refine"));
  }
  expect([...places].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8]);
});

it.each([
  [1, ["first"]],
  [2, ["first", "point"]],
  [3, ["first", "point", "refine"]],
  [4, ["first", "point", "point", "refine"]],
  [5, ["first", "point", "refine", "point", "refine"]],
])("has for %i rounds %j", (rounds, expected) => {
  expect(promptRounds(createRandom(2), rounds)).toEqual(expected);
});

it.each([0, -1, 1.5, Number.NaN])("refuses %d rounds", (rounds) => {
  expect(() => promptRounds(createRandom(1), rounds)).toThrow(
    expect.objectContaining({ code: "option-invalid" }),
  );
});
