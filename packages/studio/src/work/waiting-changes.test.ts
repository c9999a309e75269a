import { expect, test } from "vitest";
import { addChange, nextToSend, type Waiting, type Wanted } from "./waiting-changes.js";

const wanted = (counts: string, kind: string): Wanted => ({
  mask: { size: [2, 2], counts },
  provenance: { source: "manual", events: [{ at: 1, kind }] },
});

const sent = (waiting: readonly Waiting[]) => waiting.map((each) => ({ ...each, isSent: true }));

test("a change that was not sent is replaced by the next one of its object, and its events stay", () => {
  const first = addChange([], "a", 3, wanted("04", "click"));
  const both = addChange(addChange(first, "b", 0, wanted("13", "brush")), "a", 3, wanted("22", "accept"));
  expect(both.map(({ change }) => [change.annotation, change.base, change.kind])).toEqual([
    ["b", 0, "put"],
    ["a", 3, "put"],
  ]);
  const { change } = both[1]!;
  expect(change).toMatchObject({ mask: { counts: "22" } });
  expect(change.kind === "put" && change.provenance.events).toEqual([
    { at: 1, kind: "click" },
    { at: 1, kind: "accept" },
  ]);
});

test("a change that was sent stays as it is, and the next one waits for its answer", () => {
  const first = sent(addChange([], "a", 3, wanted("04", "click")));
  const two = addChange(first, "a", 3, wanted("22", "click"));
  expect(two.map(({ change }) => change.base)).toEqual([3, 4]);
  expect(nextToSend(two)).toEqual([first[0]]);
  expect(nextToSend(addChange(two, "b", 0, wanted("04", "click")))).toHaveLength(2);
});

test("an object that the server never had is deleted without a word", () => {
  const made = addChange([], "a", 0, wanted("04", "click"));
  expect(addChange(made, "a", 0, null)).toEqual([]);
  // It may have this one.
  expect(addChange(sent(made), "a", 0, null).map(({ change }) => [change.kind, change.base])).toEqual([
    ["put", 0],
    ["delete", 1],
  ]);
  expect(addChange([], "a", 2, null)[0]?.change).toMatchObject({ kind: "delete", base: 2 });
});

test("steps that go on from a mask that was not sent go on from its own steps", () => {
  const click = { kind: "predict", points: [[1, 1, 1] as [1, 1, 1]], multimask: true, chosen: 0 } as const;
  const edit = { kind: "edit", change: { size: [2, 2] as [2, 2], counts: "04" } } as const;
  const model = (hash: string) => ({ model: { name: "sam", hash }, runsOn: "server" as const });
  const put = (provenance: object): Wanted => ({
    mask: { size: [2, 2], counts: "04" },
    provenance: { source: "manual", ...provenance },
  });
  const provenanceOf = (before: object, after: object) => {
    const [waiting] = addChange(addChange([], "a", 0, put(before)), "a", 0, put(after));
    return waiting!.change.kind === "put" && waiting!.change.provenance;
  };
  const previous = { kind: "previous" } as const;
  const clicked = { ...model("x"), steps: [click] };
  expect(provenanceOf(clicked, { steps: [previous, edit] })).toMatchObject({
    ...model("x"),
    steps: [click, edit],
  });
  expect(provenanceOf({ steps: [edit] }, { ...model("y"), steps: [previous, click] })).toMatchObject({
    ...model("y"),
    steps: [edit, click],
  });
  expect(provenanceOf(clicked, { steps: [edit] })).toMatchObject({ steps: [edit] });
  // Nothing is claimed where the mask before is not known, or another model made it.
  expect(provenanceOf({}, { steps: [previous, edit] })).not.toHaveProperty("steps");
  expect(provenanceOf(clicked, { ...model("y"), steps: [previous, click] })).not.toHaveProperty("steps");
});
