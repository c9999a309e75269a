import { exclusiveBox, imagePoint, maskToRuns, xorRuns } from "@segany/masks";
import { expect, test } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import {
  addPoint,
  answerDraft,
  chooseAlternative,
  movePoint,
  paintDraft,
  removePoint,
  setBox,
} from "../state/draft-edits.js";
import { editObject, keepDraft, updateObject } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape } from "../state/mask-shape.js";
import { openDocument } from "../state/selectors.js";
import { editStep } from "./mask-recipes.js";
import { recordWork } from "./record-work.js";

const SIZE = { width: 8, height: 6 };
const shape = (pixels: number) =>
  measureShape(maskToRuns({ ...SIZE, data: new Uint8Array(48).fill(1, 0, pixels) }));
const alternative = (pixels: number) => ({
  ...shape(pixels),
  predictedIou: 1 - pixels / 100,
  lowResLogits: new Float32Array(4),
});

function setUp() {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const clock = { now: 1000 };
  const recorder = recordWork(store, () => clock.now);
  const image = {
    ...{ id: "i", name: "i", ...SIZE, thumbnailUrl: "", loading: { phase: "ready" } as const },
    history: startHistory(EMPTY_DOCUMENT),
  };
  store.set(() => ({ images: [image], openImageId: "i" }));
  const document = () => openDocument(store.getState());
  const at = (now: number) => {
    clock.now = now;
    return store;
  };
  const kinds = (id: string) => recorder.take(id).events.map((event) => [event.at, event.kind]);
  return { store, at, document, recorder, kinds };
}

test("a mask has what was done for it, from the start to its acceptance, once", () => {
  const { at, document, recorder } = setUp();
  at(2000).edit("Add point", (doc) => addPoint(doc, imagePoint([1, 2]), 1));
  at(2100).amend((doc) => answerDraft(doc, [alternative(8), alternative(9)]));
  at(2500).edit("Choose", (doc) => chooseAlternative(doc, 1));
  at(3000).edit("Set box", (doc) => setBox(doc, exclusiveBox([0, 0, 4, 4])));
  at(3100).amend((doc) => answerDraft(doc, [alternative(8)]));
  at(4000).edit("Move", (doc) => movePoint(doc, doc.draft.points[0]!.id, imagePoint([2, 2])));
  at(4100).amend((doc) => answerDraft(doc, [alternative(7)]));
  at(5000).edit("Keep object", keepDraft);
  const { id } = document().objects[0]!;
  expect(recorder.take(id).events).toEqual([
    { at: 1000, kind: "start" },
    { at: 2000, kind: "click", point: [1, 2], label: 1 },
    { at: 2500, kind: "choose", mask: 1 },
    { at: 3000, kind: "box", box: [0, 0, 4, 4] },
    { at: 4000, kind: "move", index: 0, point: [2, 2] },
    { at: 5000, kind: "accept" },
  ]);
  expect(recorder.take(id).events).toEqual([]);
  at(6000).edit("Change class", (doc) => updateObject(doc, id, { classId: "c" }));
  expect(recorder.take(id).events).toEqual([{ at: 6000, kind: "class" }]);
});

test("what was undone is not among the prompts of the mask that is accepted", () => {
  const { at, document, kinds, store } = setUp();
  at(2000).edit("Add point", (doc) => addPoint(doc, imagePoint([1, 2]), 1));
  at(2100).amend((doc) => answerDraft(doc, [alternative(8)]));
  at(2200).edit("Add point", (doc) => addPoint(doc, imagePoint([5, 5]), 0));
  at(2300).undo();
  at(2400).edit("Add point", (doc) => addPoint(doc, imagePoint([6, 5]), 0));
  at(2450).edit("Remove point", (doc) => removePoint(doc, doc.draft.points[1]!.id));
  at(2500).amend((doc) => answerDraft(doc, [alternative(7)]));
  at(3000).edit("Keep object", keepDraft);
  const [first] = document().objects;
  expect(kinds(first!.id)).toEqual([
    [1000, "start"],
    [2000, "click"],
    [2300, "undo"],
    [2400, "click"],
    [2450, "remove"],
    [3000, "accept"],
  ]);
  // The next mask starts where this one was accepted; taking a mask up again brings no clicks along.
  at(4000).edit("Edit object", (doc) => editObject(doc, first!.id));
  at(5000).edit("Paint", (doc) => paintDraft(doc, shape(12)));
  at(5500).edit("Paint", (doc) => paintDraft(doc, shape(14)));
  at(5700).edit("Erase", (doc) => paintDraft(doc, shape(10)));
  at(6000).edit("Keep object", keepDraft);
  expect(kinds(first!.id)).toEqual([
    [3000, "start"],
    [4000, "edit"],
    [5000, "brush"],
    [5500, "brush"],
    [5700, "eraser"],
    [6000, "accept"],
  ]);
  // What others have changed is no work of this page.
  store.editEveryStep("i", (doc) => ({ ...doc, objects: [{ ...doc.objects[0]!, name: "Theirs" }] }));
  expect(kinds(first!.id)).toEqual([]);
});

test("what led to a mask makes it again: prompts with what was fed back, and pixels by hand", () => {
  const { store, at, document, recorder } = setUp();
  store.set(() => ({ modes: ["server"], model: { state: "ready", name: "sam", hash: "abc", note: null } }));
  at(2000).edit("Add point", (doc) => addPoint(doc, imagePoint([1, 2]), 1));
  at(2100).amend((doc) => answerDraft(doc, [alternative(8), alternative(9)]));
  at(2500).edit("Choose", (doc) => chooseAlternative(doc, 1));
  at(2600).edit("Add point", (doc) => addPoint(doc, imagePoint([9, 2]), 0)); // outside: it is moved
  at(2700).amend((doc) => answerDraft(doc, [alternative(7)]));
  at(3000).edit("Paint", (doc) => paintDraft(doc, shape(12)));
  at(3100).edit("Erase", (doc) => paintDraft(doc, shape(10)));
  at(3200).edit("Add point", (doc) => addPoint(doc, imagePoint([2, 2]), 1));
  at(3300).amend((doc) => answerDraft(doc, [alternative(11)]));
  at(5000).edit("Keep object", keepDraft);
  const { mask, recipe } = recorder.take(document().objects[0]!.id);
  expect(mask).toBe(document().objects[0]!.segmentation);
  const asked = { kind: "predict", multimask: false, specksPx: 100, chosen: 0 };
  expect(recipe).toEqual({
    base: null,
    by: { model: { name: "sam", hash: "abc" }, runsOn: "server" },
    steps: [
      { ...asked, points: [[1, 2, 1]], multimask: true, chosen: 1 },
      {
        ...asked,
        rough: "logits",
        points: [
          [1, 2, 1],
          [8, 2, 0],
        ],
      },
      editStep(xorRuns(shape(7).segmentation, shape(10).segmentation)),
      {
        ...asked,
        rough: "mask",
        points: [
          [1, 2, 1],
          [8, 2, 0],
          [2, 2, 1],
        ],
      },
    ],
  });
});
