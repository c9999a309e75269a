import { expect, it } from "vitest";
import { initialState } from "../step/adamw.js";
import { checkState, type TrainerState } from "./trainer-state.js";

const WEIGHTS = new Map([
  ["a", { shape: [2, 1] }],
  ["b", { shape: [1] }],
]);
const parameter = (...shape: number[]) => ({
  shape,
  data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
});
const stateOf = (
  parameters: Record<string, ReturnType<typeof parameter>>,
  queues: TrainerState["queues"] = [[2, 0], []],
): TrainerState => ({
  optimizer: initialState(new Map(Object.entries(parameters))),
  random: [1, 2, 3, 4],
  queues,
});
const FITTING = { a: parameter(2, 1), b: parameter(1) };
const check = (state: TrainerState) => checkState(state, ["a", "b"], WEIGHTS, [3, 0]);

it("accepts a state of these weights and sets", () => {
  expect(() => check(stateOf(FITTING))).not.toThrow();
});

const shortMoment = stateOf(FITTING);
const moments = new Map(shortMoment.optimizer.moments);
moments.set("b", { ...moments.get("b")!, second: new Float32Array(2) });

it.each<[string, TrainerState, string]>([
  ["a weight less", stateOf({ a: parameter(2, 1) }), "1 weights, not 2"],
  ["another weight", stateOf({ a: parameter(2, 1), c: parameter(1) }), "shape of b is missing"],
  ["another shape", stateOf({ a: parameter(1, 2), b: parameter(1) }), "shape of a is [1,2], not [2,1]"],
  [
    "a moment of another size",
    { ...shortMoment, optimizer: { ...shortMoment.optimizer, moments } },
    "b does not have all values",
  ],
  ["an image that is not there", stateOf(FITTING, [[3], []]), "images that are not there"],
  ["an image of an empty set", stateOf(FITTING, [[0], [0]]), "images that are not there"],
  ["a set less", stateOf(FITTING, [[0]]), "images that are not there"],
  ["a set more", stateOf(FITTING, [[0], [], []]), "images that are not there"],
])("refuses %s", (_, state, message) => {
  expect(() => check(state)).toThrow(
    expect.objectContaining({ code: "run-mismatch", message: expect.stringContaining(message) }),
  );
});
