import { array, assert, constant, integer, oneof, property, record as shape } from "fast-check";
import { expect, it } from "vitest";
import {
  amend,
  begin,
  cancel,
  everyStep,
  finish,
  type History,
  record,
  redo,
  startHistory,
  undo,
} from "./history.js";

const values = <T>({ past, present, future }: History<T>) => [
  ...past.map(({ value }) => value),
  present,
  ...future.map(({ value }) => value),
];

it("goes back and forth, and forgets what was undone at the next step", () => {
  const two = record(record(startHistory("a"), "b", "to b"), "c", "to c");
  expect(undo(two)).toEqual({
    past: [{ value: "a", label: "to b", at: 0 }],
    present: "b",
    future: [{ value: "c", label: "to c", at: 0 }],
  });
  expect(redo(undo(two))).toEqual(two);
  expect(record(undo(two), "d", "to d")).toEqual({
    past: [
      { value: "a", label: "to b", at: 0 },
      { value: "b", label: "to d", at: 0 },
    ],
    present: "d",
    future: [],
  });
});

it("is the same history where there is no step to take", () => {
  const history = startHistory(1);
  expect(undo(history)).toBe(history);
  expect(redo(history)).toBe(history);
});

it("makes the present better without a step", () => {
  const amended = amend(record(startHistory(1), 2, "to 2"), 3);
  expect(values(amended)).toEqual([1, 3]);
  expect(undo(amended).present).toBe(1);
});

it("changes what was undone too when every step is changed", () => {
  const history = undo(record(record(startHistory(1), 2, "to 2"), 3, "to 3"));
  expect(values(everyStep(history, (value) => 10 * value))).toEqual([10, 20, 30]);
});

it("makes one step of a change in many parts, or none when it is cancelled or led nowhere", () => {
  const before = record(startHistory(1), 2, "to 2");
  const under = amend(amend(begin(before), 3), 4);
  expect(values(under)).toEqual([1, 4]);
  expect(finish(under, "to 4")).toEqual(record(before, 4, "to 4"));
  expect(cancel(under)).toEqual(before);
  expect(finish(amend(under, 2), "to 2")).toEqual(before);
  expect(finish(before, "nothing")).toEqual(before);
  expect(cancel(before)).toEqual(before);
  expect(finish(amend(begin(finish(under, "to 4")), 5), "to 5")).toEqual(
    record(record(before, 4, "to 4"), 5, "to 5"),
  );
});

it("changes what was there before a change that is under way when every step is changed", () => {
  const under = everyStep(amend(begin(startHistory(1)), 2), (value) => 10 * value);
  expect(values(finish(under, "to 2"))).toEqual([10, 20]);
  expect(values(cancel(under))).toEqual([10]);
});

it("keeps the last two hundred steps", () => {
  let history = startHistory(0);
  for (let i = 1; i <= 300; i++) history = record(history, i, "on");
  while (history.past.length > 0) history = undo(history);
  expect(history.present).toBe(100);
});

it("takes every step back and makes all of them again, whatever was done before", () => {
  const step = oneof(
    shape({ kind: constant("record" as const), value: integer() }),
    shape({ kind: constant("amend" as const), value: integer() }),
    shape({ kind: constant("undo" as const) }),
    shape({ kind: constant("redo" as const) }),
  );
  assert(
    property(array(step), (steps) => {
      let history = startHistory(0);
      for (const each of steps) {
        if (each.kind === "record") history = record(history, each.value, "to");
        else if (each.kind === "amend") history = amend(history, each.value);
        else history = each.kind === "undo" ? undo(history) : redo(history);
      }
      const all = values(history);
      let first = history;
      for (let i = history.past.length; i > 0; i--) {
        const before = undo(first);
        expect(redo(before)).toEqual(first);
        first = before;
      }
      expect(first.present).toBe(all[0]);
      expect(values(first)).toEqual(all);
    }),
  );
});
